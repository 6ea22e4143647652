/* SPDX-License-Identifier: MIT
 * Compiled without sanitizers: these processes run on the host's thread-local storage. */
#include "shim/keeper_child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "shim/deferred.h"
#include "shim/keeper_bytes.h"
#include "shim/keeper_calls.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define ALL_NUMBERS 0x7fffffffL

static int failed(struct keeper_job *job, enum keeper_step step, long result)
{
	job->step = step;
	job->result = (int)result;
	return 1;
}

static void close_from_proc(int keep, int keep_too)
{
	struct {
		uint64_t inode, next;
		uint16_t size;
		char type, name[];
	} * entry;
	char room[512] __attribute__((aligned(8))) = { 0 };
	long list = keeper_call(SYS_openat, AT_FDCWD, (long)"/proc/self/fd",
				O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
	long size, at, fd;
	const char *digit;

	while (list >= 0 &&
	       (size = keeper_call(SYS_getdents64, list, (long)room, sizeof room, 0, 0)) > 0)
		for (at = 0; at < size; at += entry->size) {
			entry = (void *)(room + at);
			for (fd = 0, digit = entry->name; *digit >= '0' && *digit <= '9'; digit++)
				fd = fd * 10 + (*digit - '0');
			if (digit != entry->name && fd != keep && fd != keep_too && fd != list)
				keeper_call(SYS_close, fd, 0, 0, 0, 0);
		}
	keeper_call(SYS_close, list, 0, 0, 0, 0);
}

/* The host's descriptors: a pipe that stayed open here would never end for its reader. */
static void close_others(int keep, int keep_too)
{
	int low = keep < keep_too ? keep : keep_too, high = keep < keep_too ? keep_too : keep;

	if (keeper_call(SYS_close_range, high + 1L, ALL_NUMBERS, 0, 0, 0)) {
		close_from_proc(keep, keep_too);
		return;
	}
	if (low > 0)
		keeper_call(SYS_close_range, 0, low - 1L, 0, 0, 0);
	if (high > low + 1)
		keeper_call(SYS_close_range, low + 1L, high - 1L, 0, 0, 0);
}

/* What the original holds from now on, so that the keeper knows when to leave. */
static long mark(const struct keeper_job *job)
{
	const struct keeper_request *request = &job->request;

	if (request->type == F_WRLCK)
		return keeper_lock(request->fd, F_OFD_SETLK, F_RDLCK, KEEPER_ORDER, 3);
	/* The keeper knows it by its own number. An exclusive one has to become shared at once. */
	if (job->flocked && job->held == F_UNLCK)
		keeper_call(SYS_flock, request->fd, LOCK_UN, 0, 0, 0);
	return keeper_call(SYS_flock, request->fd, LOCK_SH | LOCK_NB, 0, 0, 0);
}

static void unmark(const struct keeper_request *request)
{
	if (request->type == F_RDLCK)
		keeper_call(SYS_flock, request->fd, LOCK_UN, 0, 0, 0);
	else
		keeper_lock(request->fd, F_OFD_SETLK, F_UNLCK, KEEPER_ORDER, 3);
}

/* Nothing of the original is left open when the host hears of the lock: its close has to be the
 * last one then. The first process still has it, to take the marks back if exec fails. */
static int become_keeper(void *argument)
{
	struct keeper_job *job = argument;
	const struct keeper_request *request = &job->request;
	const bool native = job->flocked && job->held != F_UNLCK;
	const char *const shared = native ? "shared-native" : "shared";
	const char *const argv[] = { "lockshim-keeper",
				     request->type == F_RDLCK ? shared : "exclusive", NULL };
	const char *const environment[] = { NULL };
	long error = mark(job);

	if (error)
		return failed(job, KEEPER_LOCK, error);
	keeper_call(SYS_setsid, 0, 0, 0, 0, 0);
	if (job->own)
		keeper_call(SYS_dup3, job->own, 0, 0, 0, 0);
	else
		keeper_call(KEEPER_FCNTL, 0, F_SETFD, 0, 0, 0);
	close_others(0, 0);
	error = keeper_call(SYS_execve, (long)job->program, (long)argv, (long)environment, 0, 0);
	return failed(job, KEEPER_EXEC, error);
}

/* Comes back once the second process has become the keeper, or failed. */
static long start_keeper(struct keeper_job *job)
{
	int status;
	pid_t second;

	if (!__sync_bool_compare_and_swap(&job->phase, KEEPER_WAITS, KEEPER_STARTS))
		return -EINTR;
	job->step = KEEPER_DONE;
	second = (pid_t)keeper_clone(become_keeper, job->second + sizeof job->second,
				     CLONE_VM | CLONE_VFORK, job, NULL);
	if (second < 0)
		failed(job, KEEPER_CLONE, -EAGAIN);
	if (job->step == KEEPER_DONE) {
		job->keeper = second;
		return 0;
	}
	if (second > 0)
		keeper_call(SYS_wait4, second, (long)&status, __WALL, 0, 0);
	if (job->step == KEEPER_EXEC)
		unmark(&job->request);
	if (job->step != KEEPER_LOCK)
		return -EBADF;
	__sync_synchronize();
	job->phase = KEEPER_WAITS;
	return job->result;
}

static void pause_shortly(void)
{
	struct {
		long seconds, nanoseconds;
	} millisecond = { 0, 1000000 };

	keeper_call(SYS_nanosleep, (long)&millisecond, 0, 0, 0, 0);
}

/* The original's own lock stands in the way of ours. Before an exclusive one that is not to let
 * anybody in between, two bytes behind the end stay with it: nobody gets the whole file meanwhile.
 * LIFE is free then for a keeper of before, which reads still. */
static long step_back(const struct keeper_job *job)
{
	const struct keeper_request *request = &job->request;
	long error;

	if (job->held == F_UNLCK)
		return 0;
	if (!keeper_is_atomic(job))
		return keeper_lock(request->fd, F_OFD_SETLK, F_UNLCK, 0,
				   request->type == F_RDLCK ? KEEPER_END : 0);
	error = keeper_lock(job->own, F_OFD_SETLK, F_RDLCK, 0, KEEPER_END);
	if (error)
		return error;
	keeper_lock(request->fd, F_OFD_SETLK, F_UNLCK, 0, KEEPER_END);
	keeper_lock(request->fd, F_OFD_SETLK, F_UNLCK, KEEPER_LIFE, 1);
	return 0;
}

/* Who calls it off knows by the phase where the shared lock is. */
static long step_back_at_once(struct keeper_job *job)
{
	long error;

	if (!__sync_bool_compare_and_swap(&job->phase, KEEPER_WAITS, KEEPER_STARTS))
		return -EINTR;
	error = step_back(job);
	__sync_synchronize();
	job->phase = KEEPER_WAITS;
	return error;
}

static bool is_refusal(long result)
{
	return result == -EAGAIN || result == -EACCES;
}

void keeper_lock_life(int fd)
{
	unsigned turn;

	for (turn = 0;
	     turn < 1000 && is_refusal(keeper_lock(fd, F_OFD_SETLK, F_RDLCK, KEEPER_LIFE, 1));
	     turn++)
		pause_shortly();
}

/* Our own reads until the original does again, so that nobody gets in between. */
static void step_forward_atomically(const struct keeper_job *job)
{
	keeper_lock(job->own, F_OFD_SETLK, F_RDLCK, 0, KEEPER_END);
	keeper_lock(job->request.fd, F_OFD_SETLK, F_RDLCK, 0, KEEPER_LIFE);
	keeper_lock(job->own, F_OFD_SETLK, F_UNLCK, 0, KEEPER_END);
	keeper_lock_life(job->request.fd);
}

/* Back to what the original held. A refused request without `atomic` has lost it, as flock has it;
 * one that could not be made has not. */
static void step_forward(const struct keeper_job *job, bool refused)
{
	const struct keeper_request *request = &job->request;

	if (keeper_is_atomic(job)) {
		step_forward_atomically(job);
		return;
	}
	keeper_lock(job->own, F_OFD_SETLK, F_UNLCK, 0, KEEPER_END);
	if (job->held != F_UNLCK && (!refused || request->type == F_RDLCK))
		keeper_lock(request->fd, F_OFD_SETLK, job->held, 0, 0);
}

static bool names_host(const struct keeper_job *job, int fd, struct keeper_record record)
{
	return !keeper_call(KEEPER_FCNTL, fd, F_OFD_GETLK, (long)&record, 0, 0) &&
	       record.type != F_UNLCK && record.pid == job->host;
}

/* The host's own POSIX lock would be waited for for ever: in the way of our lock, or of the marks.
 */
static bool is_host_in_the_way(const struct keeper_job *job)
{
	const struct keeper_record kept = { .type = job->request.type, .length = KEEPER_END };
	const struct keeper_record marks = { .type = F_RDLCK, .start = KEEPER_ORDER };

	return names_host(job, job->own, kept) ||
	       (job->request.type == F_WRLCK && names_host(job, job->request.fd, marks));
}

/* The lock is there already, which the host could not see: it has no descriptor free. */
static bool is_marked(const struct keeper_job *job)
{
	static const char marks[] = "9223372036854775805 EOF";
	char text[768], path[sizeof job->path + 4];
	long file, size;

	memcpy(path, "/proc/self/fdinfo/", 18);
	strcpy(path + 18, job->path + 14);
	file = keeper_call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY, 0, 0);
	if (file < 0)
		return false;
	size = keeper_call(SYS_read, file, (long)text, sizeof text, 0, 0);
	keeper_call(SYS_close, file, 0, 0, 0, 0);
	return size > 0 && memmem(text, (size_t)size, marks, sizeof marks - 1);
}

static long lock_own(const struct keeper_job *job)
{
	const struct keeper_request *request = &job->request;
	long result = keeper_lock(job->own, F_OFD_SETLK, request->type, 0, KEEPER_END);

	if (!is_refusal(result))
		return result;
	if (!request->blocking)
		return -EWOULDBLOCK;
	if (is_host_in_the_way(job))
		return -EDEADLK;
	return keeper_lock(job->own, F_OFD_SETLKW, request->type, 0, KEEPER_END);
}

/* A mark can be refused for an instant, by what another keeper leaves behind. */
static long lock_and_start(struct keeper_job *job)
{
	const struct keeper_request *request = &job->request;
	short meanwhile = keeper_is_atomic(job) ? F_RDLCK : F_UNLCK;
	long result;

	for (;;) {
		result = lock_own(job);
		if (!result)
			result = start_keeper(job);
		if (!is_refusal(result))
			return result;
		if (!request->blocking)
			return -EWOULDBLOCK;
		if (is_host_in_the_way(job))
			return -EDEADLK;
		keeper_lock(job->own, F_OFD_SETLK, meanwhile, 0, KEEPER_END);
		pause_shortly();
	}
}

static long open_own(const struct keeper_job *job)
{
	int mode = job->request.type == F_RDLCK ? O_RDONLY : O_RDWR;

	return keeper_call(SYS_openat, AT_FDCWD, (long)job->path, mode | O_LARGEFILE | O_CLOEXEC, 0,
			   0);
}

static int run(struct keeper_job *job)
{
	const struct keeper_request *request = &job->request;
	long result;

	close_others(request->fd, request->fd);
	result = open_own(job);
	if (result < 0)
		return failed(job, KEEPER_OPEN, result);
	job->own = (int)result;
	if (is_marked(job) && keeper_lock(job->own, F_OFD_SETLK, F_WRLCK, 0, KEEPER_END))
		return job->result = 0;
	job->step = KEEPER_LOCK;
	result = step_back_at_once(job);
	if (result)
		return failed(job, KEEPER_LOCK, result);
	result = lock_and_start(job);
	if (result) {
		step_forward(job, is_refusal(result));
		return failed(job, job->step, result);
	}
	if (request->type == F_RDLCK)
		keeper_lock(request->fd, F_OFD_SETLK, F_UNLCK, 0, 0);
	job->step = KEEPER_DONE;
	job->result = 0;
	return 0;
}

/* No descriptor, and nothing of the host's but its memory. */
static void stay_with_keeper(const struct keeper_job *job)
{
	int status;

	keeper_call(SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0);
	keeper_call(SYS_wait4, job->keeper, (long)&status, __WALL, 0, 0);
}

static void close_all(const struct keeper_job *job)
{
	keeper_call(SYS_close, job->request.fd, 0, 0, 0, 0);
	keeper_call(SYS_close, job->own, 0, 0, 0, 0);
}

int keeper_child_main(void *argument)
{
	struct keeper_job *job = argument;

	keeper_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (keeper_call(SYS_getppid, 0, 0, 0, 0, 0) != job->host)
		return 1;
	run(job);
	if (job->keeper > 0 && job->shepherd)
		close_all(job);
	job->finished = 1;
	keeper_call(SYS_tgkill, job->host, job->thread, DEFERRED_WAKE, 0, 0);
	if (job->keeper > 0 && job->shepherd)
		stay_with_keeper(job);
	return 0;
}
