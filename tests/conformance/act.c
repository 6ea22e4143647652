/* SPDX-License-Identifier: MIT
 * One action, as a program of its own. */
#include "tests/conformance/act.h"

#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/conformance/probe.h"

int lock_by(enum outsider_family family, int fd, int operation)
{
	static const int commands[][2] = {
		[BY_POSIX] = { F_SETLKW, F_SETLK }, [BY_OFD] = { F_OFD_SETLKW, F_OFD_SETLK }
	};
	struct flock record = { .l_whence = SEEK_SET };

	if (family == BY_FLOCK)
		return flock(fd, operation);
	record.l_type = operation & LOCK_EX ? F_WRLCK : operation & LOCK_SH ? F_RDLCK : F_UNLCK;
	return fcntl(fd, commands[family][!!(operation & LOCK_NB)], &record);
}

static int lock(int fd, enum outsider_family family)
{
	return lock_by(family, fd, LOCK_EX | LOCK_NB) ? 1 : 0;
}

static int unlock(int fd, enum outsider_family family)
{
	return lock_by(family, fd, LOCK_UN) ? 1 : 0;
}

static int stay(int fd, enum outsider_family family)
{
	(void)fd;
	(void)family;
	helper_say();
	helper_wait();
	return 0;
}

static int unlock_stay(int fd, enum outsider_family family)
{
	return unlock(fd, family) || stay(fd, family);
}

static int lock_stay(int fd, enum outsider_family family)
{
	return lock(fd, family) ? write(1, "n", 1) != 1 : stay(fd, family);
}

int act(const char *action, int fd, enum outsider_family family)
{
	static const struct {
		const char *name;
		int (*run)(int fd, enum outsider_family family);
	} actions[] = { { "lock", lock },
			{ "unlock", unlock },
			{ "stay", stay },
			{ "unlock-stay", unlock_stay },
			{ "lock-stay", lock_stay } };
	size_t i;

	for (i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (!strcmp(action, actions[i].name))
			return actions[i].run(fd, family);
	return 2;
}
