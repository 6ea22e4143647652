/* SPDX-License-Identifier: MIT
 * The host's side: starts the two processes, waits for them, and understands keepers by their
 * bytes. Everything that is asked is asked of the kernel: nothing is remembered but a note. */
#include "shim/keeper.h"

#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "policy/sys.h"
#include "shim/deferred.h"
#include "shim/keeper_bytes.h"
#include "shim/keeper_calls.h"
#include "shim/keeper_child.h"
#include "shim/note.h"
#include "shim/proc_fd.h"
#include "shim/record.h"
#include "shim/say.h"

static const char *program;

void keeper_use(const char *path)
{
	__atomic_store_n(&program, path, __ATOMIC_RELEASE);
}

/* What a description holds itself, by its fdinfo. */
struct holdings {
	short whole; /* F_WRLCK, F_RDLCK or F_UNLCK over the whole file */
	bool marks;  /* all three of an exclusive keeper's original */
	bool some;   /* a part of them */
	bool flock;
};

/* "lock:\t1: OFDLCK  ADVISORY  READ -1 fe:00:42 0 EOF" */
static void hold_line(const char *line, size_t len, struct holdings *ret)
{
	static const char marks[] = " 9223372036854775805 EOF";

	if (memmem(line, len, "FLOCK", 5))
		ret->flock = true;
	if (!memmem(line, len, "OFDLCK", 6))
		return;
	if (memmem(line, len, " 0 EOF", 6))
		ret->whole = memmem(line, len, " WRITE ", 7) ? F_WRLCK : F_RDLCK;
	else if (memmem(line, len, marks, sizeof marks - 1))
		ret->marks = true;
	else if (memmem(line, len, " 92233720368547758", 18))
		ret->some = true;
}

static struct holdings holdings_of(int fd)
{
	struct holdings ret = { .whole = F_UNLCK };
	const char *line;
	char text[768];

	if (proc_fd_info(fd, text, sizeof text) < 0)
		return ret;
	for (line = text; (line = strstr(line, "lock:")); line += strcspn(line, "\n"))
		hold_line(line, strcspn(line, "\n"), &ret);
	return ret;
}

static int access_of(int fd)
{
	long flags = sys_fcntl(fd, F_GETFL, NULL);

	return flags < 0 ? -1 : (int)(flags & O_ACCMODE);
}

bool keeper_may_hold(int fd)
{
	int access = access_of(fd);

	return access == O_RDONLY || access == O_WRONLY;
}

enum keeper_sight keeper_look(int fd, short type)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET };

	if (sys_fcntl(fd, F_OFD_GETLK, &record) || record.l_start || record.l_len != KEEPER_END)
		return KEEPER_NONE;
	return record.l_type == F_WRLCK   ? KEEPER_EXCLUSIVE
	       : record.l_type == F_RDLCK ? KEEPER_SHARED
					  : KEEPER_NONE;
}

bool keeper_is_ours(int fd, enum keeper_sight sight)
{
	struct holdings holdings;

	if (sight == KEEPER_NONE || access_of(fd) != (sight == KEEPER_SHARED ? O_WRONLY : O_RDONLY))
		return false;
	holdings = holdings_of(fd);
	return sight == KEEPER_SHARED ? holdings.flock : holdings.marks;
}

/* Another process has to run meanwhile: at once on another processor, or once we leave ours. */
static void give_way(unsigned turn)
{
	const struct {
		long seconds, nanoseconds;
	} shortly = { 0, 50000 };
	int saved = errno;

	if (turn < 32)
		syscall(SYS_sched_yield);
	else
		syscall(SYS_nanosleep, &shortly, NULL);
	errno = saved;
}

/* The bell was rung or its original is gone; free, or the keeper's own for its last moment. */
static bool is_called(int fd)
{
	struct flock record = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = KEEPER_BELL, .l_len = 1
	};

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type != F_RDLCK;
}

/* About 100 ms for an exclusive one, which can be asked, and 5 ms for a shared one, which can't. */
bool keeper_waited_out(int fd, short type, enum keeper_sight sight)
{
	unsigned turn, turns = sight == KEEPER_EXCLUSIVE ? 1000 : 80;

	if (sight == KEEPER_NONE)
		return false;
	for (turn = 0; turn < turns; turn++) {
		if (sight == KEEPER_EXCLUSIVE && !is_called(fd))
			return false;
		give_way(turn);
		if (keeper_look(fd, type) != sight)
			return true;
	}
	return false;
}

/* A lock that only a keeper stands against, for the moment that it needs: about a second at most,
 * since a keeper can be stopped. */
static int lock_when_free(int fd, int64_t start, int64_t length)
{
	unsigned turn;
	int result = -EAGAIN;

	for (turn = 0; result == -EAGAIN && turn < 10000; turn++) {
		result = record_set(fd, F_OFD_SETLK, F_RDLCK, start, length);
		if (result == -EAGAIN)
			give_way(turn);
	}
	return result;
}

static void release_shared(int fd)
{
	int saved = errno;
	unsigned turn;

	syscall(SYS_flock, fd, LOCK_UN);
	errno = saved;
	for (turn = 0; turn < 80 && keeper_look(fd, F_WRLCK) == KEEPER_SHARED; turn++)
		give_way(turn);
}

void keeper_release(int fd)
{
	struct holdings holdings = holdings_of(fd);

	if (access_of(fd) == O_WRONLY) {
		if (holdings.flock)
			release_shared(fd);
		return;
	}
	if (!holdings.marks)
		return;
	record_set(fd, F_OFD_SETLK, F_UNLCK, KEEPER_ORDER, 2);
	(void)lock_when_free(fd, KEEPER_BELL, 1);
}

/* A keeper that reads: it holds [0, LIFE), as nobody else does. */
static bool is_reading(int fd)
{
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && !record.l_start &&
	       record.l_len == KEEPER_LIFE;
}

/* It comes for LIFE when it has seen that we read too; only its own refusal tells that it came. */
static void see_off(int fd)
{
	unsigned turn;

	record_set(fd, F_OFD_SETLK, F_UNLCK, KEEPER_LIFE, 1);
	for (turn = 0; is_reading(fd) && turn < 1000; turn++) {
		if (record_set(fd, F_OFD_SETLK, F_RDLCK, KEEPER_LIFE, 1))
			break;
		record_set(fd, F_OFD_SETLK, F_UNLCK, KEEPER_LIFE, 1);
		give_way(turn);
	}
	(void)lock_when_free(fd, KEEPER_LIFE, 1);
}

int keeper_downgrade(int fd, bool blocking)
{
	int result;

	record_set(fd, F_OFD_SETLK, F_UNLCK, KEEPER_BELL, 1);
	result = lock_when_free(fd, 0, KEEPER_LIFE);
	if (result == -EAGAIN && blocking)
		result = record_set(fd, F_OFD_SETLKW, F_RDLCK, 0, KEEPER_LIFE);
	if (result)
		return result == -EAGAIN ? -EWOULDBLOCK : result;
	see_off(fd);
	return 0;
}

static void path_of(char *into, int fd)
{
	char digits[12], *at = digits + sizeof digits - 1;

	*at = '\0';
	do
		*--at = (char)('0' + fd % 10);
	while (fd /= 10);
	strcpy(into, "/proc/self/fd/");
	strcat(into, at);
}

static struct keeper_job *job_new(const struct keeper_request *request)
{
	struct keeper_job *job = sys_pages(sizeof *job);

	if (!job)
		return NULL;
	job->request = *request;
	job->program = __atomic_load_n(&program, __ATOMIC_ACQUIRE);
	job->host = sys_getpid();
	job->result = -EBADF;
	job->step = KEEPER_DIED;
	path_of(job->path, request->fd);
	return job;
}

static void wait_shortly(const volatile int *word, int seen, long nanoseconds)
{
	const struct {
		long seconds, nanoseconds;
	} time = { 0, nanoseconds };

	syscall(SYS_futex, word, 0 /* FUTEX_WAIT */, seen, &time);
}

/* It looks up at the call, unless the call comes just before it waits: so again. What does not
 * answer waits for a file system; it is killed. */
static void call_off(struct keeper_job *job, int child)
{
	int turn;

	job->cancel = 1;
	for (turn = 0; __atomic_load_n(&job->alive, __ATOMIC_ACQUIRE); turn++) {
		syscall(SYS_kill, child, turn < 200 ? KEEPER_CALL : SIGKILL);
		wait_shortly(&job->alive, child, 1000000);
	}
}

/* True where signals were due: the host takes them before it hears of the lock. */
static bool wait_for_child(struct keeper_job *job, int child, const struct deferred *deferred,
			   bool *ret_restart)
{
	bool due = false;

	while (__atomic_load_n(&job->alive, __ATOMIC_ACQUIRE)) {
		wait_shortly(&job->alive, child, 10000000);
		due = deferred_due(deferred, ret_restart);
		if (due)
			call_off(job, child);
	}
	syscall(SYS_wait4, child, NULL, __WALL, NULL);
	return due;
}

static void say_failure(const struct keeper_job *job)
{
	static const char *const steps[] = {
		[KEEPER_OPEN] = "the file can't be opened so: error ",
		[KEEPER_LOCK] = "the lock: error ",
		[KEEPER_CLONE] = "no process for the keeper: error ",
		[KEEPER_EXEC] = "the keeper's program can't be started: error ",
		[KEEPER_DIED] = "the process that starts the keeper died: error ",
	};
	char text[100], number[24];
	struct stat st;

	if (!say_debugging() || sys_fstat(job->request.fd, &st))
		return;
	strcpy(text, steps[job->step]);
	strcat(text, say_number(number, (uint64_t) - (int64_t)job->result));
	say_aside(ASIDE_NO_KEEPER, st.st_dev, st.st_ino, text);
}

static int result_of(const struct keeper_job *job)
{
	switch (job->result) {
	case 0:
		return NOTE_KEPT;
	case -EINTR:
	case -EWOULDBLOCK:
		return job->result;
	default:
		say_failure(job);
		return -EBADF;
	}
}

/* One try, with all signals blocked. *ret_due: signals wait to be taken. */
static int try_once(const struct keeper_request *request, const struct deferred *deferred,
		    bool *ret_due, bool *ret_restart)
{
	struct keeper_job *job = job_new(request);
	int child, result;

	if (!job)
		return -EBADF;
	child = clone(keeper_child_main, job->first + sizeof job->first,
		      CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, job, &job->alive, NULL,
		      &job->alive);
	if (child < 0)
		job->step = KEEPER_CLONE;
	else
		*ret_due = wait_for_child(job, child, deferred, ret_restart);
	if (*ret_due && job->step == KEEPER_DIED)
		job->result = -EINTR;
	result = result_of(job);
	sys_pages_free(job, sizeof *job);
	return result;
}

static int start_new(const struct keeper_request *request)
{
	bool due = false, restart = true;
	struct deferred deferred;
	int result;

	do {
		deferred_begin(&deferred);
		result = try_once(request, &deferred, &due, &restart);
		deferred_end(&deferred);
	} while (result == -EINTR && restart);
	return result;
}

int keeper_acquire(const struct keeper_request *wanted)
{
	struct keeper_request request = *wanted;
	struct holdings holdings = holdings_of(request.fd);
	int saved = errno, result;

	if (request.type == F_RDLCK && note_get(request.fd) & NOTE_KEPT && holdings.flock &&
	    keeper_look(request.fd, F_WRLCK) == KEEPER_SHARED)
		return NOTE_KEPT;
	if (holdings.marks && keeper_look(request.fd, F_WRLCK) == KEEPER_EXCLUSIVE)
		return NOTE_KEPT;
	/* One that was killed, or half let go of by who shares the description. */
	if (holdings.marks || holdings.some)
		record_set(request.fd, F_OFD_SETLK, F_UNLCK, KEEPER_ORDER, 0);
	if (!__atomic_load_n(&program, __ATOMIC_ACQUIRE) || !KEEPER_MACHINE)
		return -EBADF;
	request.held = holdings.whole;
	result = start_new(&request);
	errno = saved;
	return result;
}
