/* SPDX-License-Identifier: MIT
 * Record locks over the whole file, which meet the flocks of others where both became OFD locks.
 * The process is one owner of them: its threads take turns by a mutex. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

#define HELD 98 /* the number under which the next program has it */

struct owner {
	struct actor *actor, *spare;
	int fd, other; /* two descriptions of the file */
};

static int record(int fd, int command, short type)
{
	struct flock asked = { .l_type = type, .l_whence = SEEK_SET };

	return fcntl(fd, command, &asked);
}

static bool record_take(struct actor *actor, int fd)
{
	if (!record(fd, F_SETLKW, F_WRLCK))
		return true;
	actor_fault(actor, FAULT_ANSWER, F_SETLKW, (uint64_t)errno);
	return false;
}

void record_let_go(struct actor *actor, int fd)
{
	if (record(fd, F_SETLK, F_UNLCK))
		actor_fault(actor, FAULT_ANSWER, F_SETLK, (uint64_t)errno);
}

static void fresh_record_turn(struct actor *actor)
{
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);

	if (fd >= 0 && record_take(actor, fd)) {
		turn_whole(actor, FILE_COUNTER);
		if (actor_random(actor, 2))
			record_let_go(actor, fd);
	}
	close(fd);
}

static void other_unlocks(struct owner *owner)
{
	if (!record_take(owner->actor, owner->fd))
		return;
	turn_whole(owner->actor, FILE_COUNTER);
	record_let_go(owner->actor, owner->other);
}

/* The lock that POSIX would drop. */
static void another_is_closed(struct owner *owner)
{
	if (!record_take(owner->actor, owner->fd))
		return;
	turn_begin(owner->actor, FILE_COUNTER);
	close(host_open(owner->actor, FILE_COUNTER, O_RDWR));
	turn_end(owner->actor);
	record_let_go(owner->actor, owner->fd);
}

/* It inherits no lock, and waits with its own description or the inherited one. */
static void child_waits(struct owner *owner)
{
	pid_t pid;

	if (!record_take(owner->actor, owner->fd))
		return;
	turn_begin(owner->actor, FILE_COUNTER);
	pid = fork();
	if (!pid) {
		if (actor_random(owner->spare, 2)) {
			fresh_record_turn(owner->spare);
		} else if (record_take(owner->spare, owner->fd)) {
			turn_whole(owner->spare, FILE_COUNTER);
			record_let_go(owner->spare, owner->fd);
		}
		_exit(0);
	}
	turn_end(owner->actor);
	record_let_go(owner->actor, owner->fd);
	host_join_child(owner->actor, pid);
}

static _Noreturn void execute_with(struct actor *actor, int fd)
{
	char self[] = SELF, mode[] = "finish-record", slot[16], held[16];
	char *argv[] = { self, mode, storm.place, slot, held, NULL };

	snprintf(slot, sizeof slot, "%u", actor->number);
	snprintf(held, sizeof held, "%d", HELD);
	if (dup2(fd, HELD) == HELD)
		execv(self, argv);
	_exit(126);
}

/* A child's own description, its turn begun by one program and ended by the next. */
static void child_executes(struct owner *owner)
{
	pid_t pid = fork();
	int fd;

	if (!pid) {
		fd = host_open(owner->spare, FILE_COUNTER, O_RDWR);
		if (fd >= 0 && record_take(owner->spare, fd)) {
			turn_begin(owner->spare, FILE_COUNTER);
			execute_with(owner->spare, fd);
		}
		_exit(125);
	}
	host_join_child(owner->actor, pid);
}

static void *wait_in_vain(void *argument)
{
	struct owner *owner = argument;

	(void)record_take(owner->actor, owner->fd);
	pthread_testcancel();
	return NULL;
}

static _Noreturn void hold_until_told(struct actor *actor, const int *pipes)
{
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);
	char word;

	if (fd < 0 || !record_take(actor, fd))
		_exit(1);
	turn_begin(actor, FILE_COUNTER);
	if (write(pipes[1], "", 1) != 1 || read(pipes[2], &word, 1) != 1)
		_exit(2);
	turn_end(actor);
	record_let_go(actor, fd);
	_exit(0);
}

static void cancel_one(struct owner *owner)
{
	void *result = NULL;
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_in_vain, owner))
		return;
	actor_rest(owner->actor);
	pthread_cancel(thread);
	if (pthread_join(thread, &result) || result != PTHREAD_CANCELED)
		actor_fault(owner->actor, FAULT_CANCEL, 0, 0);
}

/* A child holds what a thread of ours waits for: F_SETLKW is a cancellation point. */
static void waiter_is_cancelled(struct owner *owner)
{
	int pipes[4], i;
	char word;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) || pipe2(pipes + 2, O_CLOEXEC))
		return;
	pid = fork();
	if (!pid)
		hold_until_told(owner->spare, pipes);
	if (read(pipes[0], &word, 1) == 1)
		cancel_one(owner);
	if (write(pipes[3], "", 1) != 1)
		actor_fault(owner->actor, FAULT_CALL, (uint64_t)errno, 0);
	host_join_child(owner->actor, pid);
	for (i = 0; i < 4; i++)
		close(pipes[i]);
}

static void (*const ways[])(struct owner *owner) = {
	other_unlocks, another_is_closed, child_waits, child_executes, waiter_is_cancelled,
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void one_turn(struct actor *actor, struct actor *spare)
{
	struct owner owner = { .actor = actor, .spare = spare };

	owner.fd = host_open(actor, FILE_COUNTER, O_RDWR);
	owner.other = host_open(actor, FILE_COUNTER, O_RDWR);
	if (owner.fd >= 0 && owner.other >= 0) {
		ways[actor_random(actor, sizeof ways / sizeof ways[0])](&owner);
		host_must_be_free(actor, owner.fd);
		host_must_be_free(actor, owner.other);
		actor_tally(actor, TALLY_EVENTS);
	}
	close(owner.other);
	close(owner.fd);
}

static void record_turns(struct actor *actor)
{
	struct actor spare = actor_new(actor->slot->row);

	while (!storm_over()) {
		pthread_mutex_lock(&mutex);
		one_turn(actor, &spare);
		pthread_mutex_unlock(&mutex);
		actor_rest(actor);
	}
}

void row_records(struct actor *actor)
{
	struct host_threads *threads = host_start_threads(actor, 1, record_turns);

	record_turns(actor);
	host_join_threads(actor, threads);
}
