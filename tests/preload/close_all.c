/* SPDX-License-Identifier: MIT
 * One thread closes every number while another is refused a lock: what the host opens then is read
 * and closed by nobody else. */
#include "tests/preload/common.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define LOCKED 12
#define ROUNDS 20000
#define LEAST 200 /* rounds, however long they take */
#define SECONDS 20
#define SPINS 1000

static int refusals, stop;

static void *ask_again(void *argument)
{
	(void)argument;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		if (flock(LOCKED, LOCK_EX | LOCK_NB))
			__atomic_fetch_add(&refusals, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* A call that began before this has come back when this does. */
static void await_refusal(void)
{
	int seen = __atomic_load_n(&refusals, __ATOMIC_RELAXED), spins = 0;

	while (__atomic_load_n(&refusals, __ATOMIC_RELAXED) == seen)
		if (++spins % SPINS == 0)
			sched_yield();
}

/* From above: what is opened next is given a number that was closed a moment ago. */
static void close_everything(void)
{
	int fd;

	for (fd = LOCKED - 1; fd > 2; fd--)
		close(fd);
}

static time_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Each round waits for the other thread, which takes long where others want the processor too. */
static bool goes_on(int rounds, time_t end)
{
	return rounds < LEAST || (rounds < ROUNDS && seconds_now() < end);
}

static void close_all_beside_refusals(const struct place *place)
{
	char path[128];
	pthread_t thread;
	int i, data, file, moved = 0, closed = 0;
	const time_t end = seconds_now() + SECONDS;

	snprintf(path, sizeof path, "%s/data", place->directory);
	data = must_open(path, O_RDWR | O_CREAT);
	assert_int_equal(write(data, "0123456789", 10), 10);
	file = must_open(place->file, O_RDWR);
	assert_int_equal(dup2(file, LOCKED), LOCKED);
	assert_int_equal(pthread_create(&thread, NULL, ask_again, NULL), 0);
	for (i = 0; goes_on(i, end); i++) {
		close_everything();
		data = open(path, O_RDONLY | O_CLOEXEC);
		await_refusal();
		closed += lseek(data, 0, SEEK_CUR) < 0;
		moved += lseek(data, 0, SEEK_CUR) > 0;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(closed, 0);
	assert_int_equal(moved, 0);
}

static void test_preload_close_all_beside_refusals(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, shimmed() ? BY_OFD : BY_FLOCK, LOCK_EX);

	assert_scenario("close all", place, NULL, NULL);
	outsider_stop(&holder);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "close all", close_all_beside_refusals },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = { place_test(test_preload_close_all_beside_refusals) };

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
