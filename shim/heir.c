/* SPDX-License-Identifier: MIT
 * Marks at load and in forked children; who has a description is asked of the kernel. */
#include "shim/heir.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "policy/sys.h"
#include "shim/fdinfo_locks.h"
#include "shim/own_fd.h"
#include "shim/range.h"
#include "shim/layers.h"
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

static bool ofd_lock_in(struct lock_lines *lines, struct listed_lock *ret)
{
	while (lock_lines_next(lines, ret))
		if (ret->family == LISTED_OFD && !ret->wait)
			return true;
	return false;
}

static bool mark_one(void *context, int fd)
{
	note_mark(fd, *(const unsigned *)context);
	return true;
}

/* Locked by what this program was before exec, or by another. */
static bool mark_locked(void *context, int fd)
{
	struct lock_lines lines;
	struct listed_lock lock;

	(void)context;
	if (!lock_lines_of(&lines, fd) && ofd_lock_in(&lines, &lock))
		note_mark(fd, MARK_RANGES | MARK_TWIN);
	lock_lines_end(&lines);
	return true;
}

static void mark_open(unsigned marks)
{
	int fd;

	if (!numbers_each("/proc/self/fd", mark_one, &marks))
		return;
	for (fd = 0; fd < NUMBERS; fd++)
		note_mark(fd, marks);
}

/* True where a fork between the last that we saw and this one was a raw call: then the list lacks
 * one. */
static bool broken;

static int forking; /* the process that forks, should it have ended by the time the child looks */

static void before_fork(void)
{
	forking = sys_getpid();
}

static void remember_parent(int parent)
{
	const int seen = __atomic_load_n(&owner, __ATOMIC_RELAXED);

	broken |= seen && seen != parent;
	forbears[forbears_count++ % FORBEARS] = parent;
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELEASE);
}

static bool both;

static void in_parent(void)
{
	if (!both)
		return;
	layers_note_flock();
	range_note_used();
}

static void in_child(void)
{
	in_parent();
	remember_parent(forking);
	mark_open(MARK_HEIR);
}

void heir_start(bool mixes)
{
	static bool begun;

	both |= mixes;
	if (__atomic_test_and_set(&begun, __ATOMIC_ACQ_REL))
		return;
	remember_parent((int)syscall(SYS_getppid));
	mark_open(MARK_HEIR | MARK_LOADED);
	(void)numbers_each("/proc/self/fd", mark_locked, NULL);
	(void)pthread_atfork(before_fork, in_parent, in_child);
}

/* Nobody marked anything in a child of vfork or of a raw call. */
bool heir_is(int fd)
{
	return fd >= NUMBERS || note_marks(fd) & MARK_HEIR ||
	       __atomic_load_n(&owner, __ATOMIC_ACQUIRE) != sys_getpid();
}

void heir_adopt(int fd)
{
	note_unmark(fd, MARK_HEIR | MARK_LOADED);
}

static unsigned forbear_bit(int pid)
{
	unsigned bits = 0, i;

	for (i = 0; i < FORBEARS && i < forbears_count; i++)
		if (forbears[i] == pid)
			bits |= 1u << i;
	return bits;
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
	unsigned seen; /* bits of the forbears that are in the list */
	int own, fd, pid;
	struct listed_lock held; /* one of the description's */
	bool shares, forbear, child;
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

	search->shares = !compare(search, number);
	return !search->shares;
}

/* "/proc/PID" and NAME. */
static void path_of(char into[48], int pid, const char *name)
{
	char digits[24];

	strcpy(into, "/proc/");
	strcat(into, say_number(digits, (uint64_t)pid));
	strcat(into, name);
}

struct process {
	char state;
	int parent, group, session, flags;
};

#define EXITING 0x4 /* PF_EXITING of the flags: it has no descriptors any more */

static const char *read_number(const char *at, int *ret)
{
	at += strcspn(at, "0123456789");
	for (*ret = 0; *at >= '0' && *at <= '9'; at++)
		*ret = *ret * 10 + (*at - '0');
	return at;
}

/* "PID (name) S PARENT GROUP SESSION …": the name may have any bytes. */
static bool read_process(int pid, struct process *ret)
{
	char path[48], text[256];
	const char *at = NULL;
	struct own_fd file;
	int ignored;
	long len;

	path_of(path, pid, "/stat");
	if (!own_fd_open(&file, path, O_RDONLY)) {
		len = sys_read(file.fd, text, sizeof text - 1);
		text[len > 0 ? len : 0] = '\0';
		at = strrchr(text, ')');
	}
	own_fd_close(&file);
	if (!at || strlen(at) < 4)
		return false;
	ret->state = at[2];
	at = read_number(at + 3, &ret->parent);
	at = read_number(at, &ret->group);
	at = read_number(at, &ret->session);
	at = read_number(at, &ignored);
	at = read_number(at, &ignored);
	(void)read_number(at, &ret->flags);
	return true;
}

/* What can't be looked at may have it where we descend from it, and where it is of our session: one
 * that dropped its privileges, for one. */
static bool may_share(const struct search *search, int pid)
{
	struct process one, own;

	if (!read_process(pid, &one) || one.flags & EXITING)
		return false;
	return is_forbear(pid) || pid == (int)syscall(SYS_getppid) ||
	       (read_process(search->own, &own) && one.session == own.session && pid > 1);
}

/* Where kcmp is forbidden: one lock on the same file, seen in both. */
static __attribute__((noinline)) bool look_at_lines(void *context, int number)
{
	struct search *search = context;
	char path[48], digits[24];
	struct lock_lines lines;
	struct listed_lock lock;
	bool open;

	path_of(path, search->pid, "/fdinfo/");
	strcat(path, say_number(digits, (uint64_t)number));
	open = !lock_lines_at(&lines, path);
	while (open && !search->shares && ofd_lock_in(&lines, &lock))
		search->shares = lock.inode == search->held.inode &&
				 lock.major == search->held.major &&
				 lock.minor == search->held.minor &&
				 lock.start == search->held.start && lock.type == search->held.type;
	lock_lines_end(&lines);
	return !search->shares;
}

static __attribute__((noinline)) bool shares_by_lines(struct search *search)
{
	struct lock_lines lines;
	char path[48];
	bool found = !lock_lines_of(&lines, search->fd) && ofd_lock_in(&lines, &search->held);

	lock_lines_end(&lines);
	path_of(path, search->pid, "/fdinfo");
	if (!found || numbers_each(path, look_at_lines, search))
		return may_share(search, search->pid);
	return search->shares;
}

static bool is_our_child(const struct search *search)
{
	struct process one;

	return read_process(search->pid, &one) && one.parent == search->own;
}

/* One that may not be looked at counts where we descend from it. */
static bool look_at_process(void *context, int pid)
{
	struct search *search = context, one = *search;
	char path[48];
	int same;

	if (pid == search->own)
		return true;
	search->seen |= forbear_bit(pid);
	one.pid = pid;
	one.shares = false;
	/* A child has it under the same number, as a rule. */
	same = compare(&one, one.fd);
	path_of(path, pid, "/fd");
	if (!same)
		one.shares = true;
	else if (same == ESRCH)
		return true;
	else if (same != EBADF)
		one.shares = shares_by_lines(&one);
	else if (numbers_each(path, look_at_number, &one))
		one.shares = may_share(&one, pid);
	if (!one.shares)
		return true;
	if (is_our_child(&one)) {
		search->child = true;
		return true;
	}
	search->shares = true;
	search->forbear |= is_forbear(pid);
	return true;
}

/* One that lives and is not in the list: in another PID namespace, or hidden there. */
static bool is_one_hidden(unsigned seen)
{
	int saved = errno;
	bool hidden = false;
	unsigned i;

	for (i = 0; i < FORBEARS && i < forbears_count; i++) {
		if (forbears[i] == 1 || seen & 1u << i)
			continue;
		hidden |= !forbears[i] || !syscall(SYS_kill, forbears[i], 0) || errno == EPERM;
	}
	errno = saved;
	return hidden;
}

/* A child of vfork, or of a raw call, has its parent's list. */
static bool saw_its_birth(void)
{
	return __atomic_load_n(&owner, __ATOMIC_ACQUIRE) == sys_getpid();
}

enum heir_lock heir_whose(int fd)
{
	struct search search = { .own = sys_getpid(), .fd = fd };

	if (numbers_each("/proc", look_at_process, &search) || is_one_hidden(search.seen))
		return HEIR_THEIRS;
	if (!search.shares)
		return HEIR_OURS;
	if (search.forbear || broken || note_marks(fd) & MARK_LOADED || forbears_count > FORBEARS ||
	    !saw_its_birth())
		return HEIR_THEIRS;
	return HEIR_NOBODYS;
}

bool heir_shares(int fd)
{
	struct search search = { .own = sys_getpid(), .fd = fd };

	return numbers_each("/proc", look_at_process, &search) || search.shares || search.child ||
	       is_one_hidden(search.seen);
}
