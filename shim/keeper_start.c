/* SPDX-License-Identifier: MIT
 * The host's side: the two processes of keeper_child.h. No signal handler runs while they exist. */
#include "shim/keeper_start.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "policy/sys.h"
#include "shim/deferred.h"
#include "shim/keeper_bytes.h"
#include "shim/keeper_calls.h"
#include "shim/keeper_child.h"
#include "shim/note.h"
#include "shim/record.h"
#include "shim/say.h"

static const char *program;

void keeper_use(const char *path)
{
	__atomic_store_n(&program, path, __ATOMIC_RELEASE);
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

/* A keeper that this process would inherit would be a child that its wait() sees. */
static bool takes_orphans(pid_t host)
{
	int subreaper = 0;

	return host == 1 ||
	       (!syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0) && subreaper);
}

static struct keeper_job *job_new(const struct keeper_request *request, short held, bool flocked)
{
	struct keeper_job *job = sys_pages(sizeof *job);

	if (!job)
		return NULL;
	job->request = *request;
	job->held = held;
	job->flocked = flocked;
	job->program = __atomic_load_n(&program, __ATOMIC_ACQUIRE);
	job->host = sys_getpid();
	job->thread = (pid_t)syscall(SYS_gettid);
	job->result = -EBADF;
	job->shepherd = takes_orphans(job->host);
	path_of(job->path, request->fd);
	return job;
}

/* First processes that stay with their keepers, until they are reaped. More than these are left to
 * wait for the host's end. */
#define SHEPHERDS 64
static struct keeper_job *shepherds[SHEPHERDS];

static bool remember(struct keeper_job *job)
{
	struct keeper_job *none;
	unsigned i;

	for (i = 0; i < SHEPHERDS; i++) {
		none = NULL;
		if (__atomic_compare_exchange_n(&shepherds[i], &none, job, 0, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* In a forked child there is nobody to wait for: the pages are its own copy. */
static void reap_shepherds(void)
{
	struct keeper_job *job;
	unsigned i;

	for (i = 0; i < SHEPHERDS; i++) {
		job = __atomic_exchange_n(&shepherds[i], NULL, __ATOMIC_ACQ_REL);
		if (job && !syscall(SYS_wait4, job->shepherd_id, NULL, __WALL | WNOHANG, NULL))
			(void)remember(job);
		else if (job)
			sys_pages_free(job, sizeof *job);
	}
}

/* What a process may still stand on is left to it. */
static void job_free(struct keeper_job *job)
{
	if (job->shepherd_id)
		(void)remember(job);
	else if (job->finished || job->phase != KEEPER_STARTS)
		sys_pages_free(job, sizeof *job);
}

static void end_child(int child)
{
	syscall(SYS_kill, child, SIGKILL);
	syscall(SYS_wait4, child, NULL, __WALL, NULL);
}

/* False where a keeper is being started, which is over soon: it would hold what was answered as not
 * granted, and be a child of a host that takes orphans. */
static bool call_off(struct keeper_job *job)
{
	const struct {
		long seconds, nanoseconds;
	} shortly = { 0, 100000 };

	if (__sync_bool_compare_and_swap(&job->phase, KEEPER_WAITS, KEEPER_CALLED_OFF))
		return true;
	syscall(SYS_nanosleep, &shortly, NULL);
	return false;
}

/* The original reads again before the child's lock goes. It is refused where the child has got the
 * exclusive one: then that gives it back by itself, as called off. */
static void end_atomically(const struct keeper_job *job, int child)
{
	if (record_set(job->request.fd, F_OFD_SETLK, F_RDLCK, 0, KEEPER_LIFE) == -EAGAIN)
		syscall(SYS_wait4, child, NULL, __WALL, NULL);
	else
		end_child(child);
	keeper_lock_life(job->request.fd);
}

static void end_for_signal(const struct keeper_job *job, int child)
{
	if (keeper_is_atomic(job)) {
		end_atomically(job, child);
		return;
	}
	end_child(child);
	if (job->request.atomic && job->held != F_UNLCK)
		record_set(job->request.fd, F_OFD_SETLK, job->held, 0, 0);
}

enum waited { WAITED_FOR, WAITED_SIGNAL, WAITED_HELD };

static enum waited wait_for_child(struct keeper_job *job, int child, struct deferred *deferred,
				  bool *ret_restart)
{
	bool exclusive = job->request.type == F_WRLCK;

	while (__atomic_load_n(&job->alive, __ATOMIC_ACQUIRE) && !job->finished) {
		deferred_sleep(deferred, child);
		if (job->finished)
			break;
		if (deferred_due(deferred, ret_restart) && call_off(job)) {
			end_for_signal(job, child);
			return WAITED_SIGNAL;
		}
		if (exclusive && job->phase == KEEPER_WAITS &&
		    keeper_holds_by_now(job->request.fd) && call_off(job)) {
			end_child(child);
			return WAITED_HELD;
		}
	}
	if (job->finished && job->keeper > 0 && job->shepherd)
		job->shepherd_id = child;
	else
		syscall(SYS_wait4, child, NULL, __WALL, NULL);
	return WAITED_FOR;
}

static void say_failure(const struct keeper_job *job)
{
	static const char *const steps[] = {
		[KEEPER_OPEN] = "the file can't be opened so: error ",
		[KEEPER_LOCK] = "the lock: error ",
		[KEEPER_CLONE] = "no process for the keeper: error ",
		[KEEPER_EXEC] = "the keeper's program can't be started: error ",
		[KEEPER_DIED] = "the process that starts the keeper died: error ",
		[KEEPER_DONE] = "error ",
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
	case -EDEADLK:
		return job->result;
	default:
		say_failure(job);
		return -EBADF;
	}
}

/* One try, with all signals blocked. */
static int try_once(const struct keeper_request *request, short held, bool flocked,
		    struct deferred *deferred, bool *ret_restart)
{
	struct keeper_job *job = job_new(request, held, flocked);
	enum waited waited = WAITED_FOR;
	int child, result;

	if (!job)
		return -EBADF;
	child = (int)keeper_clone(keeper_child_main, job->first + sizeof job->first,
				  CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, job,
				  &job->alive);
	if (child < 0)
		job->step = KEEPER_CLONE;
	else
		waited = wait_for_child(job, child, deferred, ret_restart);
	result = waited == WAITED_HELD     ? NOTE_KEPT
		 : waited == WAITED_SIGNAL ? -EINTR
					   : result_of(job);
	job_free(job);
	return result;
}

/* Where the next child would be the first of a new PID namespace, ours would be that, and take the
 * namespace with it. */
static bool has_own_children(void)
{
	char here[64], there[64];
	long a = sys_readlink("/proc/thread-self/ns/pid", here, sizeof here);
	long b = sys_readlink("/proc/thread-self/ns/pid_for_children", there, sizeof there);

	return a == b && (a < 0 || !memcmp(here, there, (size_t)a));
}

int keeper_start_new(const struct keeper_request *request, short held, bool flocked)
{
	bool restart = true;
	struct deferred deferred;
	int saved = errno, result;

	if (!__atomic_load_n(&program, __ATOMIC_ACQUIRE) || !KEEPER_MACHINE || !has_own_children())
		return -EBADF;
	reap_shepherds();
	do {
		deferred_begin(&deferred);
		result = try_once(request, held, flocked, &deferred, &restart);
		deferred_end(&deferred);
	} while (result == -EINTR && restart);
	errno = saved;
	return result;
}
