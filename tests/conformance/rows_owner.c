/* SPDX-License-Identifier: MIT
 * Whether two descriptors of the file in one process are one owner. */
#include "tests/conformance/rows_record.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* The first has the opposite of what the second asks for. */
const char *probe_other_converts(const struct probe *probe, int operation)
{
	int one = must_open(probe, O_RDWR), two = must_open(probe, O_RDWR);

	must_lock(probe, one, operation == LOCK_EX ? LOCK_SH : LOCK_EX);
	return granted(probe, two, operation);
}

static const char *after_unlock(const struct probe *probe)
{
	const char *held = held_or(probe, "releases");

	return strcmp(held, "held") ? held : "no effect";
}

const char *probe_other_unlocks(const struct probe *probe, int unused)
{
	int one = must_open(probe, O_RDWR), two = must_open(probe, O_RDWR);

	(void)unused;
	must_lock(probe, one, LOCK_EX);
	must_lock(probe, two, LOCK_UN);
	return after_unlock(probe);
}

/* It is refused, or asks for what the process has. */
const char *probe_other_that_asked_closes(const struct probe *probe, int unused)
{
	int one = must_open(probe, O_RDWR), two = must_open(probe, O_RDWR);

	(void)unused;
	must_lock(probe, one, LOCK_EX);
	lock_call(probe, two, LOCK_EX | LOCK_NB);
	close(two);
	return held_or(probe, "LOST");
}

const char *probe_first_of_two_closes(const struct probe *probe, int unused)
{
	int one = must_open(probe, O_RDWR), two = must_open(probe, O_RDWR);

	(void)unused;
	must_lock(probe, one, LOCK_EX);
	must_lock(probe, two, LOCK_EX);
	close(one);
	return held_or(probe, "LOST");
}

const char *probe_others_part_stays(const struct probe *probe, int unused)
{
	int one = must_open(probe, O_RDWR), two = must_open(probe, O_RDWR);

	(void)unused;
	must_set(probe, one, F_WRLCK, 0, 4);
	must_set(probe, two, F_WRLCK, 6, 4);
	close(one);
	return map_of(probe);
}

const char *probe_dup_unlocks(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR), twin = dup(fd);

	(void)unused;
	must_lock(probe, fd, LOCK_EX);
	must_lock(probe, twin, LOCK_UN);
	return after_unlock(probe);
}

static void *lock_in_thread(void *argument)
{
	const struct probe *probe = argument;

	must_lock(probe, must_open(probe, O_RDWR), LOCK_EX);
	return NULL;
}

const char *probe_two_threads(const struct probe *probe, int unused)
{
	pthread_t thread;
	int i;

	(void)unused;
	for (i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, lock_in_thread, (void *)(uintptr_t)probe) ||
		    pthread_join(thread, NULL))
			return "no thread";
	return "granted";
}
