/* SPDX-License-Identifier: MIT
 * Rows with cancelled threads. flock is no cancellation point: who waits in it gets the lock, and
 * is cancelled later. Nobody leaves a lock behind. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

enum stage { STAGE_NEW, STAGE_FLOCK, STAGE_READ, STAGE_DONE };

struct patient {
	struct actor *actor;
	int fd, pipe[2];
	bool at_once; /* PTHREAD_CANCEL_ASYNCHRONOUS */
	uint32_t tid, stage, cancelled_at;
};

static void on_cancel(void *argument)
{
	struct patient *patient = argument;

	patient->cancelled_at = GET(patient->stage);
	if (patient->cancelled_at == STAGE_READ)
		host_let_go(patient->actor, patient->fd);
}

static void *wait_in_flock(void *argument)
{
	struct patient *patient = argument;

	PUT(patient->tid, (uint32_t)syscall(SYS_gettid));
	pthread_cleanup_push(on_cancel, patient);
	PUT(patient->stage, STAGE_FLOCK);
	if (host_take(patient->actor, patient->fd, LOCK_EX)) {
		turn_whole(patient->actor, FILE_COUNTER);
		host_let_go(patient->actor, patient->fd);
	}
	PUT(patient->stage, STAGE_DONE);
	pthread_testcancel();
	pthread_cleanup_pop(0);
	return NULL;
}

static void *hold_and_read(void *argument)
{
	struct patient *patient = argument;
	char word;

	PUT(patient->tid, (uint32_t)syscall(SYS_gettid));
	pthread_cleanup_push(on_cancel, patient);
	if (host_take(patient->actor, patient->fd, LOCK_EX)) {
		turn_whole(patient->actor, FILE_COUNTER);
		PUT(patient->stage, STAGE_READ);
		if (patient->at_once)
			pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
		if (read(patient->pipe[0], &word, 1))
			pthread_testcancel();
	}
	pthread_cleanup_pop(0);
	return NULL;
}

/* "42 (storm) S 1 …": blocked in the only call that it makes at that stage. */
static bool asleep(uint32_t tid)
{
	char path[64], text[256] = "";
	const char *end;
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%u/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		text[0] = '\0';
	close(fd);
	end = strrchr(text, ')');
	return end && !strncmp(end, ") S", 3);
}

static void await(const struct patient *patient, enum stage stage, bool sleeping)
{
	while (GET(patient->stage) < stage)
		sched_yield();
	while (sleeping && GET(patient->stage) == stage && !asleep(GET(patient->tid)))
		sched_yield();
}

static void must_be_cancelled(struct actor *actor, struct patient *patient, pthread_t thread,
			      enum stage at)
{
	void *result = NULL;
	int error = pthread_join(thread, &result);

	if (error || result != PTHREAD_CANCELED || patient->cancelled_at != at)
		actor_fault(actor, FAULT_CANCEL, patient->cancelled_at, (uint64_t)error);
	host_must_be_free(actor, patient->fd);
	actor_tally(actor, TALLY_EVENTS);
}

/* The lock that it waits for is ours, on another description. */
static void cancel_in_flock(struct actor *actor, struct patient *patient)
{
	int fd = host_open(actor, FILE_COUNTER, O_RDWR);
	pthread_t thread;

	if (!host_take(actor, fd, LOCK_EX))
		return;
	if (!pthread_create(&thread, NULL, wait_in_flock, patient)) {
		await(patient, STAGE_FLOCK, true);
		pthread_cancel(thread);
		turn_whole(actor, FILE_COUNTER);
		host_let_go(actor, fd);
		must_be_cancelled(actor, patient, thread, STAGE_DONE);
	}
	close(fd);
}

static void cancel_in_read(struct actor *actor, struct patient *patient)
{
	pthread_t thread;

	patient->at_once = actor_random(actor, 2);
	if (pthread_create(&thread, NULL, hold_and_read, patient))
		return;
	await(patient, STAGE_READ, actor_random(actor, 2));
	pthread_cancel(thread);
	must_be_cancelled(actor, patient, thread, STAGE_READ);
}

static void cancel_again_and_again(struct actor *actor,
				   void (*cancel)(struct actor *actor, struct patient *patient))
{
	struct actor other = actor_new(actor->slot->row);
	struct patient patient = { .actor = &other };

	patient.fd = host_open(actor, FILE_COUNTER, O_RDWR);
	if (pipe2(patient.pipe, O_CLOEXEC))
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
	while (!storm_over()) {
		PUT(patient.stage, STAGE_NEW);
		cancel(actor, &patient);
		actor_rest(actor);
	}
}

void row_cancel_flock(struct actor *actor)
{
	cancel_again_and_again(actor, cancel_in_flock);
}

void row_cancel_read(struct actor *actor)
{
	cancel_again_and_again(actor, cancel_in_read);
}
