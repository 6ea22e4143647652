/* SPDX-License-Identifier: MIT
 * By kcmp, over all descriptors of all processes that may be looked at. */
#include "shim/hazard_sharer.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/numbers.h"
#include "shim/say.h"

#define KCMP_FILE 0 /* linux/kcmp.h, which musl-gcc has not */

struct search {
	int own, fd, pid;
	bool found;
};

static bool look_at_number(void *context, int number)
{
	struct search *search = context;
	int saved = errno;

	search->found = !syscall(SYS_kcmp, search->own, search->pid, KCMP_FILE, search->fd, number);
	errno = saved;
	return !search->found;
}

/* A child has it under the same number, as a rule. */
static bool look_at_process(void *context, int pid)
{
	struct search *search = context;
	char path[48] = "/proc/", digits[24];

	if (pid == search->own)
		return true;
	search->pid = pid;
	if (!look_at_number(search, search->fd))
		return false;
	strcat(path, say_number(digits, (uint64_t)pid));
	strcat(path, "/fd");
	(void)numbers_each(path, look_at_number, search);
	return !search->found;
}

bool hazard_is_shared(int fd)
{
	struct search search = { .own = sys_getpid(), .fd = fd };

	(void)numbers_each("/proc", look_at_process, &search);
	return search.found;
}
