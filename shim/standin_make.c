/* SPDX-License-Identifier: MIT
 * When a stand-in can be had, and making it. Refused where another process may have the
 * description: it would outlive what we can follow. */
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "shim/mixed.h"
#include "shim/at_load.h"
#include "shim/note.h"
#include "shim/numbers.h"
#include "shim/ofd_commands.h"
#include "shim/own_fd.h"
#include "shim/proc_fd.h"
#include "shim/record.h"
#include "shim/say.h"
#include "shim/standin.h"
#include "shim/standin_table.h"
#include "shim/start.h"

/* Numbers from here to the soft limit, and no higher than what the notes reach: the kernel's table
 * grows with the highest number, and is copied by fork. */
#define ROOM 64

#define KCMP_FILE 0 /* linux/kcmp.h, which musl-gcc has not */

static int owner;
static unsigned forks_begun, forks_done;

bool standin_may_write(void)
{
	return __atomic_load_n(&owner, __ATOMIC_RELAXED) == sys_getpid();
}

bool standin_forks(unsigned *ret)
{
	*ret = __atomic_load_n(&forks_begun, __ATOMIC_ACQUIRE);
	return *ret == __atomic_load_n(&forks_done, __ATOMIC_ACQUIRE);
}

static void mark_shared(int fd)
{
	if (fd >= 0 && fd < STANDIN_NUMBERS && !(standin_known(fd) & STANDIN_ENTRY))
		__atomic_fetch_or(&standin_of[fd], STANDIN_SHARED, __ATOMIC_ACQ_REL);
}

static bool mark_one(void *context, int fd)
{
	(void)context;
	mark_shared(fd);
	return true;
}

/* What is open now may be another process's too. */
static void mark_open(void)
{
	bool listed = !numbers_each("/proc/self/fd", mark_one, NULL);
	int fd;

	for (fd = 0; !listed && fd < STANDIN_NUMBERS; fd++)
		mark_shared(fd);
	for (fd = 1; fd <= STANDINS; fd++)
		__atomic_store_n(&standins[fd].shared, true, __ATOMIC_RELAXED);
}

static void before_fork(void)
{
	__atomic_fetch_add(&forks_begun, 1, __ATOMIC_ACQ_REL);
}

static void after_fork(void)
{
	mark_open();
	__atomic_fetch_add(&forks_done, 1, __ATOMIC_ACQ_REL);
}

static void in_child(void)
{
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELAXED);
	mark_open();
	__atomic_store_n(&forks_done, __atomic_load_n(&forks_begun, __ATOMIC_RELAXED),
			 __ATOMIC_RELEASE);
}

static bool is_wanted(const struct policy *policy)
{
	bool wanted = policy->no_rule.value[POLICY_OPEN_MODE] == POLICY_OPEN_MODE_REOPEN;
	size_t i;

	for (i = 0; i < policy->rules_count; i++)
		wanted |= policy->rules[i]->actions.value[POLICY_OPEN_MODE] ==
			  POLICY_OPEN_MODE_REOPEN;
	return wanted;
}

/* Also by the first lock call, should that come before our constructor: what is open by then can't
 * be told from what was inherited. */
AT_LOAD static void watch(const struct shim_state *state)
{
	static bool begun;

	if (!state->active || !is_wanted(state->policy) ||
	    __atomic_test_and_set(&begun, __ATOMIC_ACQ_REL))
		return;
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELAXED);
	mark_open();
	(void)pthread_atfork(before_fork, after_fork, in_child);
	__atomic_store_n(&standin_rules, true, __ATOMIC_RELEASE);
}

__attribute__((constructor)) AT_LOAD static void watch_from_load(void)
{
	watch(shim_state());
}

static bool is_same_file(int fd, int other)
{
	struct stat a, b;

	return !sys_fstat(fd, &a) && !sys_fstat(other, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* True where it can't be told. */
static bool is_same_description(int fd, int other)
{
	int saved = errno, pid = sys_getpid();
	long result =
		is_same_file(fd, other) ? syscall(SYS_kcmp, pid, pid, KCMP_FILE, fd, other) : 1;

	errno = saved;
	return result <= 0;
}

/* The first number from AT on that has FD's description, by a dup that we saw; -1: none. */
static int next_twin(int fd, int at)
{
	for (; at < STANDIN_NUMBERS; at++)
		if (at != fd && standin_known(at) & STANDIN_TWIN && is_same_description(fd, at))
			return at;
	return -1;
}

/* A program that was spawned may have it, or will have it before we see. */
static bool is_inheritable(int fd)
{
	int twin = standin_known(fd) & STANDIN_TWIN ? next_twin(fd, 0) : -1;

	if (!standin_is_cloexec(fd))
		return true;
	for (; twin >= 0; twin = next_twin(fd, twin + 1))
		if (!standin_is_cloexec(twin))
			return true;
	return false;
}

/* NULL: there may be a stand-in for it. */
static __attribute__((noinline)) const char *objection(int fd)
{
	if (!standin_may_write())
		return "the process was forked by a raw call, or by vfork";
	if (fd >= STANDIN_NUMBERS)
		return "its number is above 4095";
	if (standin_known(fd) & STANDIN_SHARED)
		return "another process may have it: it was open when the process began or forked";
	if (is_inheritable(fd))
		return "it is not close-on-exec";
	if (mixed_has_posix(fd))
		return "the process has POSIX locks on the file, which closing would drop";
	return NULL;
}

static int move_up(int fd)
{
	struct rlimit limit;
	long top = STANDIN_NUMBERS, base, moved = -EMFILE;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < STANDIN_NUMBERS)
		top = (long)limit.rlim_cur;
	base = top > 2 * ROOM ? top - ROOM : top / 2;
	for (; moved < 0 && base >= top / 2; base -= ROOM)
		moved = sys_fcntl(fd, F_DUPFD_CLOEXEC, (void *)(uintptr_t)base);
	return (int)moved;
}

/* The file itself, by any name or none. */
static int open_again(int fd, struct stat *ret)
{
	static const char *const directories[] = { "/proc/thread-self/fd/", "/proc/self/fd/" };
	char path[48], digits[24];
	struct own_fd own;
	int number = -ENOENT;
	size_t i;

	for (i = 0; number == -ENOENT && i < 2; i++) {
		strcpy(path, directories[i]);
		strcat(path, say_number(digits, (uint64_t)fd));
		number = own_fd_open(&own, path, O_RDWR | O_LARGEFILE);
	}
	if (number)
		return number;
	*ret = own.is;
	number = is_same_file(fd, own.fd) ? move_up(own.fd) : -ESTALE;
	own_fd_close(&own);
	return number;
}

/* What FD holds over the whole file: F_RDLCK, F_WRLCK or F_UNLCK. */
static short held_by(int fd)
{
	const char *line, *end;
	char text[768];

	if (proc_fd_info(fd, text, sizeof text) < 0)
		return F_UNLCK;
	for (line = text; (line = strstr(line, "OFDLCK")); line = end) {
		end = line + strcspn(line, "\n");
		if (end - line > 6 && !memcmp(end - 6, " 0 EOF", 6))
			return memmem(line, (size_t)(end - line), " WRITE ", 7) ? F_WRLCK : F_RDLCK;
	}
	return F_UNLCK;
}

/* An exclusive one by way of the last byte, which keeps out whoever wants the whole file. */
static __attribute__((noinline)) void take_over(int fd, int number)
{
	short type = held_by(fd);

	if (type == F_UNLCK)
		return;
	if (type == F_WRLCK) {
		record_set(fd, F_OFD_SETLK, F_UNLCK, 0, INT64_MAX);
		record_set(number, F_OFD_SETLK, type, 0, INT64_MAX);
		record_set(fd, F_OFD_SETLK, F_UNLCK, 0, 0);
		record_set(number, F_OFD_SETLK, type, 0, 0);
		return;
	}
	if (!record_set(number, F_OFD_SETLK, type, 0, 0))
		standin_granted(number, true);
	record_set(fd, F_OFD_SETLK, F_UNLCK, 0, 0);
}

static void say_no(int fd, const char *why)
{
	struct stat st;

	if (say_debugging() && !sys_fstat(fd, &st))
		say_aside(ASIDE_NO_STANDIN, st.st_dev, st.st_ino, why);
}

/* 0, or -EAGAIN where another thread was faster or the process forks: before NUMBER was open the
 * child would have FD without it. */
static int place(int fd, int number, const struct stat *is, unsigned forks)
{
	unsigned entry = standin_claim(), now, known = standin_known(fd);
	struct standin *made = &standins[entry];
	int twin;

	if (!entry)
		return -ENFILE;
	made->device = is->st_dev;
	made->inode = is->st_ino;
	made->pinned = made->shared = false;
	__atomic_store_n(&made->number, number, __ATOMIC_RELEASE);
	if (!standin_forks(&now) || now != forks || known & ~(unsigned)STANDIN_TWIN ||
	    !standin_map(fd, known, entry)) {
		__atomic_store_n(&made->number, 0, __ATOMIC_RELEASE);
		return -EAGAIN;
	}
	for (twin = known ? next_twin(fd, 0) : -1; twin >= 0; twin = next_twin(fd, twin + 1))
		(void)standin_map(twin, STANDIN_TWIN, entry);
	return 0;
}

/* The stand-in's number or -errno. */
static int make_once(int fd)
{
	const char *against = objection(fd);
	struct stat is = { 0 };
	unsigned forks;
	int number, result;

	if (against) {
		say_no(fd, against);
		return -EBADF;
	}
	if (!standin_forks(&forks))
		return -EAGAIN;
	number = open_again(fd, &is);
	if (number < 0) {
		say_no(fd, number == -EMFILE ? "no descriptor is free"
					     : "the file can't be opened for reading and writing");
		return number == -EINTR ? number : -EBADF;
	}
	result = place(fd, number, &is, forks);
	if (!result) {
		take_over(fd, number);
		return number;
	}
	sys_close(number);
	if (result == -ENFILE)
		say_no(fd, "64 stand-ins are all there can be");
	return result == -ENFILE ? -EBADF : result;
}

int standin_make(int fd)
{
	int turn, number, result = -EAGAIN, saved = errno;

	watch(shim_state());
	for (turn = 0; result == -EAGAIN && turn < 1000; turn++) {
		number = standin_through(fd);
		if (number != fd)
			return number;
		result = make_once(fd);
		if (result == -EAGAIN)
			syscall(SYS_sched_yield);
	}
	errno = saved;
	return result == -EAGAIN ? -EBADF : result;
}
