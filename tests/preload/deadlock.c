/* SPDX-License-Identifier: MIT
 * Cycles of waiting processes end in EDEADLK for one of them, and what is no cycle does not. */
#include "tests/preload/deadlock_actors.h"

#include <signal.h>

#define HANGS 300

static int place_make_guarded(void **state)
{
	alarm(HANGS);
	return place_make(state);
}

#define actors_test(name) cmocka_unit_test_setup_teardown(name, place_make_guarded, place_remove)

/* flock's, or by fcntl: the same under upgrade = atomic and under fcntl = ofd. */
static enum actor_order take = ACTOR_EXCLUSIVE, let_go = ACTOR_UNLOCK;

/* Each holds one file, and waits for the next one's. The kernel leaves them so. */
static void close_cycle(const struct place *place, const struct actor *actors, int count)
{
	int i;

	for (i = 0; i < count; i++)
		assert_int_equal(actor_does(&actors[i], 0, take, i), 0);
	for (i = 0; i < count - 1; i++) {
		actor_tell(&actors[i], 0, take, i + 1);
		actors_await_waiter(place, i + 1);
	}
	actor_tell(&actors[count - 1], 0, take, 0);
}

/* The one that yields lets go, and then each gets what it waits for. */
static void assert_one_yields(const struct place *place, const struct actor *actors, int count)
{
	int answer, yielded, i, at;

	yielded = (int)actors_first(actors, (unsigned)count, &answer);
	assert_int_equal(answer, EDEADLK);
	assert_int_equal(outsider_try(actor_file(place, yielded), BY_OFD, LOCK_SH), EAGAIN);
	assert_int_equal(actor_does(&actors[yielded], 0, let_go, yielded), 0);
	for (i = 1, at = yielded; i < count; i++) {
		at = (at + count - 1) % count;
		assert_int_equal(actor_answer(&actors[at], 0), 0);
		assert_int_equal(outsider_try(actor_file(place, at), BY_OFD, LOCK_SH), EAGAIN);
		assert_int_equal(actor_does(&actors[at], 0, let_go, at), 0);
	}
}

static void cycle_of(const struct place *place, int count)
{
	struct actor actors[ACTOR_FILES];

	actors_start(place, actors, (unsigned)count);
	close_cycle(place, actors, count);
	if (shimmed())
		assert_one_yields(place, actors, count);
	else
		actors_await_waiter(place, 0);
	actors_stop(actors, (unsigned)count);
}

static void test_preload_deadlock_of_two(void **state)
{
	cycle_of(*state, 2);
}

/* Under LOCKSHIM_DEBUG the one that yields says who waits for whom. */
static void test_preload_deadlock_is_reported(void **state)
{
	const char *argv[] = { "/proc/self/exe", "two", NULL };
	const char *environment[] = { "LOCKSHIM_DEBUG=1", NULL };
	static char output[8192];
	const char *report;

	(void)state;
	if (!shimmed() || take == ACTOR_RECORD || getenv("TEST_EMULATOR"))
		skip();
	assert_int_equal(run_with(argv, environment, output, sizeof output), 0);
	report = strstr(output, "hazard deadlock: ");
	assert_non_null(report);
	assert_non_null(strstr(report, "waits for device "));
	assert_non_null(strstr(report, " held by "));
	assert_non_null(strstr(report, ", which waits for device "));
	assert_null(strstr(report + 1, "hazard deadlock: "));
}

static void test_preload_deadlock_of_three(void **state)
{
	cycle_of(*state, 3);
}

static void test_preload_deadlock_of_four(void **state)
{
	cycle_of(*state, 4);
}

/* All but one yield, and that one gets it. */
static void upgrades_of(const struct place *place, unsigned count)
{
	struct actor actors[ACTOR_FILES];
	unsigned granted = 0, i;
	int answer;

	actors_start(place, actors, count);
	for (i = 0; i < count; i++)
		assert_int_equal(actor_does(&actors[i], 0, ACTOR_SHARED, 0), 0);
	for (i = 0; i < count; i++)
		actor_tell(&actors[i], 0, ACTOR_EXCLUSIVE, 0);
	for (i = 0; i < count; i++) {
		unsigned who = actors_first(actors, count, &answer);

		granted += !answer;
		assert_true(!answer || answer == EDEADLK);
		assert_int_equal(actor_does(&actors[who], 0, ACTOR_UNLOCK, 0), 0);
	}
	if (shimmed())
		assert_int_equal(granted, 1);
	else
		assert_int_equal(granted, count);
	actors_stop(actors, count);
}

static void test_preload_deadlock_of_two_upgrades(void **state)
{
	upgrades_of(*state, 2);
}

static void test_preload_deadlock_of_three_upgrades(void **state)
{
	upgrades_of(*state, 3);
}

/* One keeps a shared lock and wants another file; who holds that upgrades the first. */
static void test_preload_deadlock_through_an_upgrade(void **state)
{
	const struct place *place = *state;
	struct actor actors[2];
	int answer;
	unsigned who;

	if (!shimmed())
		skip();
	actors_start(place, actors, 2);
	assert_int_equal(actor_does(&actors[0], 0, ACTOR_SHARED, 0), 0);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_SHARED, 0), 0);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_EXCLUSIVE, 1), 0);
	actor_tell(&actors[1], 0, ACTOR_EXCLUSIVE, 0);
	actor_tell(&actors[0], 0, ACTOR_EXCLUSIVE, 1);
	who = actors_first(actors, 2, &answer);
	assert_int_equal(answer, EDEADLK);
	assert_int_equal(actor_does(&actors[who], 0, ACTOR_UNLOCK, 0), 0);
	assert_int_equal(actor_does(&actors[who], 0, ACTOR_UNLOCK, 1), 0);
	assert_int_equal(actor_answer(&actors[!who], 0), 0);
	actors_stop(actors, 2);
}

/* Both wait, and the first has what the second wants: one that runs would let it go. */
static void wait_for_each_other(const struct place *place, const struct actor *actors)
{
	assert_int_equal(actor_does(&actors[0], 0, take, 0), 0);
	assert_int_equal(actor_does(&actors[1], 0, take, 1), 0);
	actor_tell(&actors[1], 0, take, 0);
	actors_await_waiter(place, 0);
}

/* It held file 1 and waited for file 0. */
static void test_preload_deadlock_with_the_dead(void **state)
{
	const struct place *place = *state;
	struct actor actors[3];

	actors_start(place, actors, 3);
	wait_for_each_other(place, actors);
	kill(actors[1].pid, SIGKILL);
	assert_int_equal(actor_does(&actors[0], 0, take, 1), 0);
	assert_int_equal(actor_does(&actors[0], 0, let_go, 1), 0);
	assert_int_equal(actor_does(&actors[2], 0, take, 1), 0);
	actor_tell(&actors[0], 0, take, 1);
	actors_await_waiter(place, 1);
	assert_int_equal(actor_does(&actors[2], 0, let_go, 1), 0);
	assert_int_equal(actor_answer(&actors[0], 0), 0);
	actors_stop(actors, 3);
}

static void test_preload_deadlock_with_one_that_jumped_out(void **state)
{
	const struct place *place = *state;
	struct actor actors[2];

	actors_start(place, actors, 2);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_JUMP, 0), 0);
	wait_for_each_other(place, actors);
	kill(actors[1].pid, SIGUSR1);
	assert_int_equal(actor_answer(&actors[1], 0), EINTR);
	actor_tell(&actors[0], 0, take, 1);
	actors_await_waiter(place, 1);
	assert_int_equal(actor_does(&actors[1], 0, let_go, 1), 0);
	assert_int_equal(actor_answer(&actors[0], 0), 0);
	actors_stop(actors, 2);
}

/* A handler runs over the wait, and lets go of what is waited for. */
static void test_preload_deadlock_ended_by_a_handler(void **state)
{
	const struct place *place = *state;
	struct actor actors[2];

	actors_start(place, actors, 2);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_OBEY, 0), 0);
	wait_for_each_other(place, actors);
	kill(actors[1].pid, SIGUSR1);
	assert_int_equal(actor_does(&actors[1], 1, take, 2), 0);
	actor_tell(&actors[0], 0, take, 1);
	actors_await_waiter(place, 1);
	assert_int_equal(actor_does(&actors[1], 1, let_go, 1), 0);
	assert_int_equal(actor_answer(&actors[0], 0), 0);
	actor_tell(&actors[1], 1, ACTOR_END, 0);
	assert_int_equal(actor_does(&actors[0], 0, let_go, 0), 0);
	assert_int_equal(actor_answer(&actors[1], 0), 0);
	actors_stop(actors, 2);
}

/* Lane 1 of the second runs beside its wait. */
static void let_other_run(const struct place *place, struct actor *actors, enum actor_order other)
{
	actors_start(place, actors, 2);
	assert_int_equal(actor_does(&actors[0], 0, take, 0), 0);
	assert_int_equal(actor_does(&actors[1], 0, take, 1), 0);
	assert_int_equal(actor_does(&actors[1], 0, other, 0), 0);
	actor_tell(&actors[1], 0, take, 0);
	actors_await_waiter(place, 0);
	actor_tell(&actors[0], 0, take, 1);
	if (shimmed())
		actor_await_sleeps(&actors[0], 20);
	else
		actors_await_waiter(place, 1);
	assert_false(actor_answered(&actors[0], 0));
}

/* A thread that could let go does; a process that has the description too can as well. */
static void other_lets_go(const struct place *place, enum actor_order other)
{
	struct actor actors[2];

	let_other_run(place, actors, other);
	assert_int_equal(actor_does(&actors[1], 1, let_go, 1), 0);
	assert_int_equal(actor_answer(&actors[0], 0), 0);
	actors_stop(actors, 2);
}

static void test_preload_deadlock_ended_by_a_thread(void **state)
{
	other_lets_go(*state, ACTOR_THREAD);
}

static void test_preload_deadlock_ended_by_a_child(void **state)
{
	if (take == ACTOR_RECORD)
		skip();
	other_lets_go(*state, ACTOR_CHILD);
}

/* Nobody is left who could. */
static void other_ends(const struct place *place, enum actor_order other)
{
	struct actor actors[2];
	int answer;

	if (!shimmed())
		skip();
	let_other_run(place, actors, other);
	actor_tell(&actors[1], 1, ACTOR_END, 0);
	(void)actors_first(actors, 2, &answer);
	assert_int_equal(answer, EDEADLK);
	actors_stop(actors, 2);
}

static void test_preload_deadlock_once_a_thread_ends(void **state)
{
	other_ends(*state, ACTOR_THREAD);
}

static void test_preload_deadlock_once_a_child_ends(void **state)
{
	if (take == ACTOR_RECORD)
		skip();
	other_ends(*state, ACTOR_CHILD);
}

/* Its second thread waits for a third file that the first process has too. */
static void test_preload_deadlock_of_all_threads(void **state)
{
	const struct place *place = *state;
	struct actor actors[2];
	struct actor lanes[3];
	int answer;

	if (!shimmed())
		skip();
	actors_start(place, actors, 2);
	assert_int_equal(actor_does(&actors[0], 0, take, 2), 0);
	assert_int_equal(actor_does(&actors[0], 0, take, 0), 0);
	assert_int_equal(actor_does(&actors[1], 0, take, 1), 0);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_THREAD, 0), 0);
	actor_tell(&actors[1], 0, take, 0);
	actors_await_waiter(place, 0);
	actor_tell(&actors[0], 0, take, 1);
	actor_await_sleeps(&actors[0], 4);
	assert_false(actor_answered(&actors[0], 0));
	actor_tell(&actors[1], 1, take, 2);
	lanes[0] = actors[0];
	lanes[1] = actors[1];
	lanes[2] = actors[1];
	lanes[2].from[0] = actors[1].from[1];
	(void)actors_first(lanes, 3, &answer);
	assert_int_equal(answer, EDEADLK);
	actors_stop(actors, 2);
}

/* By fcntl a wait can be cancelled. */
static void test_preload_deadlock_with_a_cancelled_thread(void **state)
{
	const struct place *place = *state;
	struct actor actors[2];

#if defined __SANITIZE_ADDRESS__ || !defined __GLIBC__
	skip(); /* The sanitizer takes its end for a fault; musl's F_OFD_SETLKW can't be cancelled.
		 */
#endif
	if (take != ACTOR_RECORD)
		skip();
	actors_start(place, actors, 2);
	assert_int_equal(actor_does(&actors[0], 0, take, 0), 0);
	assert_int_equal(actor_does(&actors[1], 0, take, 1), 0);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_THREAD, 0), 0);
	actor_tell(&actors[1], 1, take, 0);
	actors_await_waiter(place, 0);
	assert_int_equal(actor_does(&actors[1], 0, ACTOR_CANCEL, 0), 0);
	actor_tell(&actors[0], 0, take, 1);
	actors_await_waiter(place, 1);
	assert_int_equal(actor_does(&actors[1], 0, let_go, 1), 0);
	assert_int_equal(actor_answer(&actors[0], 0), 0);
	actors_stop(actors, 2);
}

/* The same file again and again, and one that waits behind the one that waits. */
static void test_preload_deadlock_is_no_queue(void **state)
{
	const struct place *place = *state;
	struct actor actors[3];
	int i;

	actors_start(place, actors, 3);
	for (i = 0; i < 50; i++) {
		assert_int_equal(actor_does(&actors[0], 0, take, 0), 0);
		assert_int_equal(actor_does(&actors[1], 0, take, 1), 0);
		actor_tell(&actors[1], 0, take, 0);
		actors_await_waiter(place, 0);
		actor_tell(&actors[2], 0, take, 1);
		actors_await_waiter(place, 1);
		assert_int_equal(actor_does(&actors[0], 0, let_go, 0), 0);
		assert_int_equal(actor_answer(&actors[1], 0), 0);
		assert_int_equal(actor_does(&actors[1], 0, let_go, 0), 0);
		assert_int_equal(actor_does(&actors[1], 0, let_go, 1), 0);
		assert_int_equal(actor_answer(&actors[2], 0), 0);
		assert_int_equal(actor_does(&actors[2], 0, let_go, 1), 0);
	}
	actors_stop(actors, 3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		actors_test(test_preload_deadlock_of_two),
		actors_test(test_preload_deadlock_is_reported),
		actors_test(test_preload_deadlock_of_three),
		actors_test(test_preload_deadlock_of_four),
		actors_test(test_preload_deadlock_with_the_dead),
		actors_test(test_preload_deadlock_with_one_that_jumped_out),
		actors_test(test_preload_deadlock_ended_by_a_handler),
		actors_test(test_preload_deadlock_ended_by_a_thread),
		actors_test(test_preload_deadlock_ended_by_a_child),
		actors_test(test_preload_deadlock_once_a_thread_ends),
		actors_test(test_preload_deadlock_once_a_child_ends),
		actors_test(test_preload_deadlock_of_all_threads),
		actors_test(test_preload_deadlock_with_a_cancelled_thread),
		actors_test(test_preload_deadlock_is_no_queue),
		actors_test(test_preload_deadlock_of_two_upgrades),
		actors_test(test_preload_deadlock_of_three_upgrades),
		actors_test(test_preload_deadlock_through_an_upgrade),
	};
	const size_t flock_alone = 3;

	/* Its own threads wait for no lock, so nothing is known to be stuck. */
	if (getenv("TEST_EMULATOR"))
		return 77;
#ifdef __SANITIZE_THREAD__
	return 77; /* nor does the sanitizer's */
#endif
	if (argc > 1 && !strcmp(argv[1], "two"))
		return _cmocka_run_group_tests("deadlock of two", tests, 1, NULL, NULL);
	if (argc > 1 && !strcmp(argv[1], "record")) {
		take = ACTOR_RECORD;
		let_go = ACTOR_FREE;
		return _cmocka_run_group_tests("deadlock, record locks", tests,
					       sizeof tests / sizeof tests[0] - flock_alone, NULL,
					       NULL);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
