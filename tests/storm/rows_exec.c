/* SPDX-License-Identifier: MIT
 * Rows whose children share our memory or become another program: vfork, clone, posix_spawn, exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

#define HELD 99 /* the number under which helpers inherit */
#define PAGE 4096
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

extern char **environ;

/* One round: an actor, one for the child, a descriptor, and what the child is to execute. */
struct job {
	struct actor *actor, *spare;
	int fd;
	char slot[16], held[16];
	const char *argv[6];
};

static void job_command(struct job *job, const char *mode, const struct actor *actor)
{
	const char *argv[] = { SELF, mode, storm.place, job->slot, job->held, NULL };
	size_t i;

	snprintf(job->slot, sizeof job->slot, "%u", actor->number);
	snprintf(job->held, sizeof job->held, "%d", HELD);
	for (i = 0; i < COUNT_OF(argv); i++)
		job->argv[i] = argv[i];
}

static _Noreturn void job_execute(struct job *job)
{
	if (dup2(job->fd, HELD) == HELD)
		execv(SELF, (char **)(uintptr_t)job->argv);
	_exit(126);
}

static void child_takes_a_turn(struct job *job)
{
	host_fresh_turn(job->spare, FILE_COUNTER);
}

static void child_executes(struct job *job)
{
	job_execute(job);
}

static void child_closes_everything(struct job *job)
{
	int fd;

	(void)job;
	for (fd = 3; fd < 256; fd++)
		close(fd);
}

static void child_locks(struct job *job)
{
	(void)host_take(job->spare, job->fd, LOCK_EX);
}

typedef void child_body(struct job *job);

static __attribute__((noinline)) pid_t in_vfork_child(struct job *job, child_body *body)
{
	pid_t pid = vfork();

	if (!pid) {
		body(job);
		_exit(0);
	}
	return pid;
}

static int clone_main(void *argument)
{
	child_takes_a_turn(argument);
	_exit(0);
}

/* Two pages of stack, and one that nobody may touch. */
static pid_t in_clone_child(struct job *job)
{
	static char *stack;

	if (!stack) {
		stack = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (stack == MAP_FAILED || mprotect(stack + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE))
			return -1;
	}
	return clone(clone_main, stack + 3 * PAGE, CLONE_VM | CLONE_VFORK | SIGCHLD, job);
}

static bool hold_and_begin(struct job *job)
{
	if (!host_take(job->actor, job->fd, LOCK_EX))
		return false;
	turn_begin(job->actor, FILE_COUNTER);
	return true;
}

static void end_and_unlock(struct job *job)
{
	turn_end(job->actor);
	host_let_go(job->actor, job->fd);
}

static void vfork_turn(struct job *job)
{
	host_join_child(job->actor, in_vfork_child(job, child_takes_a_turn));
}

static void vfork_inherits(struct job *job)
{
	job_command(job, "finish", job->actor);
	if (hold_and_begin(job))
		host_join_child(job->actor, in_vfork_child(job, child_executes));
}

static void vfork_closes(struct job *job)
{
	if (!hold_and_begin(job))
		return;
	host_join_child(job->actor, in_vfork_child(job, child_closes_everything));
	end_and_unlock(job);
}

/* The child's lock is the parent's: one description. */
static void vfork_locks(struct job *job)
{
	host_join_child(job->actor, in_vfork_child(job, child_locks));
	turn_begin(job->actor, FILE_COUNTER);
	end_and_unlock(job);
}

static void clone_turn(struct job *job)
{
	host_join_child(job->actor, in_clone_child(job));
}

static void spawn(struct job *job)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, job->fd, HELD);
	errno = posix_spawn(&pid, SELF, &actions, NULL, (char **)(uintptr_t)job->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	host_join_child(job->actor, errno ? -1 : pid);
}

static void spawn_turn(struct job *job)
{
	job_command(job, "fresh", job->spare);
	spawn(job);
}

static void spawn_inherits(struct job *job)
{
	job_command(job, "finish", job->actor);
	if (hold_and_begin(job))
		spawn(job);
}

static void spawn_locks(struct job *job)
{
	job_command(job, "lock", job->spare);
	spawn(job);
	turn_begin(job->actor, FILE_COUNTER);
	end_and_unlock(job);
}

/* The child's own description, its turn begun by one program and ended by the next. */
static void exec_inherits(struct job *job)
{
	pid_t pid;

	job_command(job, "finish", job->spare);
	pid = fork();
	if (!pid) {
		job->fd = host_open(job->spare, FILE_COUNTER, O_RDWR);
		job->actor = job->spare;
		if (job->fd >= 0 && hold_and_begin(job))
			job_execute(job);
		_exit(125);
	}
	host_join_child(job->actor, pid);
}

static child_body *const vfork_ways[] = {
	vfork_turn, vfork_inherits, vfork_closes, vfork_locks, clone_turn,
};
static child_body *const spawn_ways[] = { spawn_turn, spawn_inherits, spawn_locks };
static child_body *const exec_ways[] = { exec_inherits };

static void once(struct job *job, child_body *way)
{
	job->fd = host_open(job->actor, FILE_COUNTER, O_RDWR);
	if (job->fd < 0)
		return;
	way(job);
	host_must_be_free(job->actor, job->fd);
	close(job->fd);
	actor_tally(job->actor, TALLY_EVENTS);
}

static void again_and_again(struct actor *actor, child_body *const *ways, unsigned count)
{
	struct actor spare = actor_new(actor->slot->row);
	struct job job = { .actor = actor, .spare = &spare };

	while (!storm_over()) {
		once(&job, ways[actor_random(actor, count)]);
		actor_rest(actor);
	}
}

void row_vfork(struct actor *actor)
{
	again_and_again(actor, vfork_ways, COUNT_OF(vfork_ways));
}

void row_spawn(struct actor *actor)
{
	again_and_again(actor, spawn_ways, COUNT_OF(spawn_ways));
}

void row_exec(struct actor *actor)
{
	again_and_again(actor, exec_ways, COUNT_OF(exec_ways));
}
