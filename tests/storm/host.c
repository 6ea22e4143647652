/* SPDX-License-Identifier: MIT
 * Locking, threads and children for the rows. */
#include "tests/storm/host.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4

int host_open(struct actor *actor, enum storm_file file, int flags)
{
	int fd = open(storm.path[file], flags | O_CLOEXEC);

	if (fd < 0)
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
	return fd;
}

bool host_take(struct actor *actor, int fd, int operation)
{
	while (flock(fd, operation)) {
		if (errno == EINTR && actor->interrupted) {
			actor_tally(actor, TALLY_EINTR);
		} else if (errno == EWOULDBLOCK && operation & LOCK_NB) {
			actor_tally(actor, TALLY_REFUSED);
			return false;
		} else {
			actor_fault(actor, FAULT_ANSWER, (uint64_t)operation, (uint64_t)errno);
			return false;
		}
	}
	return true;
}

void host_let_go(struct actor *actor, int fd)
{
	int operation = actor_random(actor, 8) ? LOCK_UN : LOCK_UN | LOCK_NB;

	if (flock(fd, operation))
		actor_fault(actor, FAULT_ANSWER, (uint64_t)operation, (uint64_t)errno);
}

void host_turn(struct actor *actor, int fd, enum storm_file file)
{
	if (!host_take(actor, fd, LOCK_EX))
		return;
	turn_whole(actor, file);
	host_let_go(actor, fd);
}

void host_fresh_turn(struct actor *actor, enum storm_file file)
{
	int fd = host_open(actor, file, O_RDWR);

	if (fd < 0)
		return;
	if (host_take(actor, fd, LOCK_EX)) {
		turn_whole(actor, file);
		if (actor_random(actor, 3))
			host_let_go(actor, fd);
	}
	close(fd);
}

/* "lock:\t1: OFDLCK  ADVISORY  WRITE -1 fe:00:42 0 EOF", one such line a lock. */
void host_must_be_free(struct actor *actor, int fd)
{
	char path[64], text[512];
	ssize_t len;
	int info;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	len = info < 0 ? -1 : read(info, text, sizeof text - 1);
	if (len < 0) {
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
		return;
	}
	close(info);
	text[len] = '\0';
	if (strstr(text, "lock:"))
		actor_fault(actor, FAULT_STAYED, (uint64_t)fd, 0);
}

void host_join_child(struct actor *actor, pid_t pid)
{
	int status;
	pid_t got;

	if (pid < 0) {
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
		return;
	}
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != pid || status)
		actor_fault(actor, FAULT_CHILD, got == pid ? (uint64_t)status : (uint64_t)errno, 0);
}

struct host_thread {
	pthread_t thread;
	struct actor actor;
	void (*body)(struct actor *actor);
};

struct host_threads {
	int count;
	struct host_thread thread[THREADS];
};

static void *thread_main(void *argument)
{
	struct host_thread *thread = argument;

	thread->body(&thread->actor);
	return NULL;
}

struct host_threads *host_start_threads(struct actor *actor, int count,
					void (*body)(struct actor *actor))
{
	struct host_threads *threads = calloc(1, sizeof *threads);
	int error = threads ? 0 : ENOMEM, i;

	for (i = 0; !error && i < count && i < THREADS; i++) {
		threads->thread[i].actor = actor_new(actor->slot->row);
		threads->thread[i].actor.interrupted = actor->interrupted;
		threads->thread[i].body = body;
		error = pthread_create(&threads->thread[i].thread, NULL, thread_main,
				       &threads->thread[i]);
		threads->count += !error;
	}
	if (error)
		actor_fault(actor, FAULT_CALL, (uint64_t)error, 0);
	return threads;
}

void host_join_threads(struct actor *actor, struct host_threads *threads)
{
	int i, error;

	for (i = 0; threads && i < threads->count; i++) {
		error = pthread_join(threads->thread[i].thread, NULL);
		if (error)
			actor_fault(actor, FAULT_CALL, (uint64_t)error, 0);
	}
	free(threads);
}
