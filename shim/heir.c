/* SPDX-License-Identifier: MIT
 * Marks at load and in forked children; who has a description is asked of the kernel. */
#include "shim/heir.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "policy/sys.h"
#include "shim/note.h"
#include "shim/numbers.h"
#include "shim/say.h"

#define KCMP_FILE 0 /* linux/kcmp.h, which musl-gcc has not */
#define NUMBERS 4096

/* The processes that this one descends from, as far as it saw its forks. */
#define FORBEARS 16
static int forbears[FORBEARS];
static unsigned forbears_count;
static int owner;

static bool mark_one(void *context, int fd)
{
	(void)context;
	note_mark(fd, MARK_HEIR);
	return true;
}

static void mark_open(void)
{
	int fd;

	if (!numbers_each("/proc/self/fd", mark_one, NULL))
		return;
	for (fd = 0; fd < NUMBERS; fd++)
		note_mark(fd, MARK_HEIR);
}

static void remember_parent(void)
{
	forbears[forbears_count++ % FORBEARS] = (int)syscall(SYS_getppid);
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELEASE);
	mark_open();
}

void heir_start(void)
{
	remember_parent();
	(void)pthread_atfork(NULL, NULL, remember_parent);
}

/* Nobody marked anything in a child of vfork or of a raw call. */
bool heir_is(int fd)
{
	return fd >= NUMBERS || note_marks(fd) & MARK_HEIR ||
	       __atomic_load_n(&owner, __ATOMIC_ACQUIRE) != sys_getpid();
}

void heir_adopt(int fd)
{
	note_unmark(fd, MARK_HEIR);
}

/* PID 1 takes in orphans: no lock is its own. */
static bool is_forbear(int pid)
{
	unsigned i;

	for (i = 0; i < FORBEARS && i < forbears_count; i++)
		if (forbears[i] == pid && pid > 1)
			return true;
	return false;
}

struct search {
	int own, fd, pid;
	bool found;
};

/* 0: it is the same description; EPERM and others: it can't be told. */
static int compare(const struct search *search, int number)
{
	int saved = errno, result;

	result = (int)syscall(SYS_kcmp, search->own, search->pid, KCMP_FILE, search->fd, number);
	result = result < 0 ? errno : result ? EBADF : 0;
	errno = saved;
	return result;
}

static bool look_at_number(void *context, int number)
{
	struct search *search = context;

	search->found = !compare(search, number);
	return !search->found;
}

static bool look_at_process(void *context, int pid)
{
	struct search *search = context;
	char directory[40], digits[24];
	int same;

	if (pid == search->own)
		return true;
	search->pid = pid;
	/* A child has it under the same number, as a rule. */
	same = compare(search, search->fd);
	search->found = !same;
	if (!same)
		return false;
	strcpy(directory, "/proc/");
	strcat(directory, say_number(digits, (uint64_t)pid));
	strcat(directory, "/fd");
	if (same != EBADF || numbers_each(directory, look_at_number, search))
		search->found = is_forbear(pid);
	return !search->found;
}

bool heir_shares(int fd)
{
	struct search search = { .own = sys_getpid(), .fd = fd };

	if (numbers_each("/proc", look_at_process, &search))
		return true;
	return search.found;
}
