/* SPDX-License-Identifier: MIT
 * One action, as a program of its own. */
#include "tests/conformance/act.h"

#include <string.h>
#include <sys/file.h>

#include "tests/conformance/probe.h"

static int lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) ? 1 : 0;
}

static int unlock(int fd)
{
	return flock(fd, LOCK_UN) ? 1 : 0;
}

static int stay(int fd)
{
	(void)fd;
	helper_say();
	helper_wait();
	return 0;
}

int act(const char *action, int fd)
{
	static const struct {
		const char *name;
		int (*run)(int fd);
	} actions[] = { { "lock", lock }, { "unlock", unlock }, { "stay", stay } };
	size_t i;

	for (i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (!strcmp(action, actions[i].name))
			return actions[i].run(fd);
	return 2;
}
