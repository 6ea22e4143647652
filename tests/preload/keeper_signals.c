/* SPDX-License-Identifier: MIT
 * A wait for a lock that a keeper will hold is interrupted, cancelled and killed as flock's own. */
#include "tests/preload/keeper_find.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>

#define HANGS 60

static volatile sig_atomic_t caught;
static sigjmp_buf away;

static void count(int number)
{
	(void)number;
	caught++;
}

static void jump(int number)
{
	(void)number;
	siglongjmp(away, 1);
}

static void on(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	caught = 0;
	assert_int_equal(sigaction(number, &action, NULL), 0);
}

/* Signals its parent once that waits, and then, if told so, lets the holder go. */
static pid_t signal_the_waiter(const char *path, const struct outsider *holder, bool go)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid) {
		outsider_await_waiter(path);
		kill(parent, SIGUSR1);
		if (go)
			kill(holder->pid, SIGKILL);
		_exit(0);
	}
	return pid;
}

static void test_preload_keeper_wait_is_interrupted(void **state)
{
	const struct place *place = *state;
	size_t i;

	on(SIGUSR1, count, 0);
	for (i = 0; i < 2; i++) {
		struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
		int fd = must_open(place->file, kept[i].flags);
		pid_t helper = signal_the_waiter(place->file, &holder, false);

		errno = 0;
		assert_int_equal(flock(fd, kept[i].operation), -1);
		assert_int_equal(errno, EINTR);
		waitpid(helper, NULL, 0);
		assert_int_equal(caught, (int)i + 1);
		outsider_stop(&holder);
		assert_free(place->file);
		close(fd);
	}
}

static void test_preload_keeper_wait_is_restarted(void **state)
{
	const struct place *place = *state;
	size_t i;

	on(SIGUSR1, count, SA_RESTART);
	for (i = 0; i < 2; i++) {
		struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
		int fd = must_open(place->file, kept[i].flags);
		pid_t helper = signal_the_waiter(place->file, &holder, true);

		assert_int_equal(flock(fd, kept[i].operation), 0);
		waitpid(helper, NULL, 0);
		assert_int_equal(caught, (int)i + 1);
		outsider_stop(&holder);
		assert_held(place->file, kept[i].operation);
		close(fd);
		await_free(place->file);
	}
}

/* The program never learns of a lock that came later: there is none. */
static void test_preload_keeper_jump_out_of_the_wait(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	volatile int fd = must_open(place->file, O_RDONLY);
	pid_t helper;

	on(SIGUSR1, jump, 0);
	helper = signal_the_waiter(place->file, &holder, false);
	if (!sigsetjmp(away, 1)) {
		flock(fd, LOCK_EX);
		fail_msg("came back");
	}
	waitpid(helper, NULL, 0);
	outsider_stop(&holder);
	assert_int_equal(user_of(place->file, ""), 0);
	assert_free(place->file);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	close(fd);
	await_free(place->file);
}

/* Again and again: the first may come before the wait. */
static int wait_with_alarm(const struct place *place)
{
	const struct itimerval seconds = { { 1, 0 }, { 1, 0 } };
	struct sigaction action = { .sa_handler = count };
	int fd = open(place->file, O_RDONLY | O_CLOEXEC);

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &seconds, NULL);
	return flock(fd, LOCK_EX) ? errno : 0;
}

static void test_preload_keeper_alarm_ends_the_wait(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);

	assert_int_equal(status_of(wait_with_alarm, place), EINTR);
	outsider_stop(&holder);
	await_free(place->file);
}

static void *idle(void *argument)
{
	for (;;)
		pause();
	return argument;
}

/* The kernel prefers the first thread: it is the one that waits. */
static int wait_in_company(const struct place *place)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, idle, NULL) ? 200 : wait_with_alarm(place);
}

/* Where the other thread takes the signal, only the holder's end lets the program go on. */
static void test_preload_keeper_alarm_in_a_threaded_program(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	pid_t bound = fork();

	if (!bound) {
		signal(SIGALRM, count);
		alarm(HANGS);
		pause();
		kill(holder.pid, SIGKILL);
		_exit(0);
	}
	assert_int_equal(status_of(wait_in_company, place), EINTR);
	kill(bound, SIGKILL);
	waitpid(bound, NULL, 0);
	outsider_stop(&holder);
}

static struct {
	const char *path;
	int kind, started, reached;
} victim;

static void *wait_until_cancelled(void *argument)
{
	int fd = open(victim.path, O_RDONLY | O_CLOEXEC);

	pthread_setcanceltype(victim.kind, NULL);
	if (!flock(fd, LOCK_EX) && !flock(fd, LOCK_UN))
		__atomic_store_n(&victim.reached, 1, __ATOMIC_SEQ_CST);
	close(fd);
	pthread_testcancel();
	return argument;
}

static void test_preload_keeper_wait_is_no_cancellation_point(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	pthread_t thread;
	void *result;

	victim.path = place->file;
	victim.kind = PTHREAD_CANCEL_DEFERRED;
	victim.reached = 0;
	assert_int_equal(pthread_create(&thread, NULL, wait_until_cancelled, NULL), 0);
	outsider_await_waiter(place->file);
	assert_int_equal(pthread_cancel(thread), 0);
	outsider_stop(&holder);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, PTHREAD_CANCELED);
	assert_int_equal(victim.reached, 1);
	await_free(place->file);
}

static void test_preload_keeper_asynchronous_cancellation(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	pthread_t thread;
	void *result;

	victim.path = place->file;
	victim.kind = PTHREAD_CANCEL_ASYNCHRONOUS;
	victim.reached = 0;
	assert_int_equal(pthread_create(&thread, NULL, wait_until_cancelled, NULL), 0);
	outsider_await_waiter(place->file);
	assert_int_equal(pthread_cancel(thread), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, PTHREAD_CANCELED);
	assert_int_equal(victim.reached, 0);
	outsider_stop(&holder);
	assert_free(place->file);
}

static void test_preload_keeper_mask_and_dispositions_stay(void **state)
{
	const struct place *place = *state;
	struct sigaction before[32], after;
	sigset_t mask, now;
	int fd = must_open(place->file, O_RDONLY), number;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &mask, NULL), 0);
	for (number = 1; number < 32; number++)
		sigaction(number, NULL, &before[number]);
	errno = 4711;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(errno, 4711);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &now), 0);
	for (number = 1; number < 32; number++) {
		sigaction(number, NULL, &after);
		assert_ptr_equal(after.sa_handler, before[number].sa_handler);
		assert_int_equal(after.sa_flags, before[number].sa_flags);
		assert_int_equal(sigismember(&now, number), number == SIGUSR2);
	}
	sigemptyset(&mask);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	close(fd);
	await_free(place->file);
}

static void test_preload_keeper_killed_while_waiting(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	pid_t pid = fork();

	if (!pid)
		_exit(flock(open(place->file, O_RDONLY), LOCK_EX));
	outsider_await_waiter(place->file);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	outsider_stop(&holder);
	await_free(place->file);
	/* What waited in its place is killed with it, and ends in its own time. */
	bounded_wait();
	while (user_of(place->file, ""))
		sched_yield();
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_keeper_wait_is_interrupted),
		place_test(test_preload_keeper_wait_is_restarted),
		place_test(test_preload_keeper_jump_out_of_the_wait),
		place_test(test_preload_keeper_alarm_ends_the_wait),
		place_test(test_preload_keeper_alarm_in_a_threaded_program),
		place_test(test_preload_keeper_wait_is_no_cancellation_point),
		place_test(test_preload_keeper_asynchronous_cancellation),
		place_test(test_preload_keeper_mask_and_dispositions_stay),
		place_test(test_preload_keeper_killed_while_waiting),
	};

	/* An emulator's process is not the keeper's kind of child. */
	if (getenv("TEST_EMULATOR"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
