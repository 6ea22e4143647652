/* SPDX-License-Identifier: MIT
 * One program takes flock and fcntl on one file: both are granted, and an outsider who polls
 * without pause gets nothing until both are let go. */
#include "tests/preload/common.h"

#include <pthread.h>

#include "tests/preload/mixed_poller.h"

/* One way through it. Flock first, one descriptor, flock let go first, the whole file, exclusive,
 * one thread: zero. */
struct order {
	bool fcntl_first, two_descriptors, fcntl_let_go_first;
	bool range, blocking, by_lockf, flock_shared, fcntl_shared, by_thread;
};
#define ORDERS 512

static struct order order_of(unsigned bits)
{
	return (struct order){ bits & 1,  bits & 2,  bits & 4,   bits & 8,  bits & 16,
			       bits & 32, bits & 64, bits & 128, bits & 256 };
}

static int fcntl_call(int fd, const struct order *order, short type)
{
	struct flock record = { .l_type = type,
				.l_whence = SEEK_SET,
				.l_start = order->range ? 10 : 0,
				.l_len = order->range ? 20 : 0 };

	if (!order->by_lockf)
		return fcntl(fd, order->blocking ? F_SETLKW : F_SETLK, &record);
	assert_int_equal(lseek(fd, record.l_start, SEEK_SET), record.l_start);
	return lockf(fd,
		     type == F_UNLCK   ? F_ULOCK
		     : order->blocking ? F_LOCK
				       : F_TLOCK,
		     record.l_len);
}

static int take_here(int fd, const struct order *order, bool by_fcntl)
{
	if (by_fcntl)
		return fcntl_call(fd, order, order->fcntl_shared ? F_RDLCK : F_WRLCK);
	return flock(fd,
		     (order->flock_shared ? LOCK_SH : LOCK_EX) | (order->blocking ? 0 : LOCK_NB));
}

struct task {
	int (*run)(int fd, const struct order *order, bool by_fcntl);
	int fd, result;
	const struct order *order;
	bool by_fcntl;
};

static void *run_task(void *argument)
{
	struct task *task = argument;

	task->result = task->run(task->fd, task->order, task->by_fcntl);
	return NULL;
}

/* In a thread of its own where the order says so. */
static int act(int (*run)(int fd, const struct order *order, bool by_fcntl), int fd,
	       const struct order *order, bool by_fcntl)
{
	struct task task = { run, fd, -1, order, by_fcntl };
	pthread_t thread;

	if (!order->by_thread)
		return run(fd, order, by_fcntl);
	assert_int_equal(pthread_create(&thread, NULL, run_task, &task), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return task.result;
}

static int take(int fd, const struct order *order, bool by_fcntl)
{
	return act(take_here, fd, order, by_fcntl);
}

static int let_go_here(int fd, const struct order *order, bool by_fcntl)
{
	return by_fcntl ? fcntl_call(fd, order, F_UNLCK) : flock(fd, LOCK_UN);
}

static int let_go(int fd, const struct order *order, bool by_fcntl)
{
	return act(let_go_here, fd, order, by_fcntl);
}

/* A bare flock is no business of an OFD poller: that run shows only that both are granted. */
static void run_order(const char *path, const struct order *order)
{
	int one = must_open(path, O_RDWR);
	int two = order->two_descriptors ? must_open(path, O_RDWR) : one;
	int by_flock = one, by_fcntl = two;
	struct poller poller = { 0 };

	assert_int_equal(take(order->fcntl_first ? by_fcntl : by_flock, order, order->fcntl_first),
			 0);
	if (shimmed())
		poller = poller_start(path);
	assert_int_equal(take(order->fcntl_first ? by_flock : by_fcntl, order, !order->fcntl_first),
			 0);
	if (!shimmed())
		poller = poller_start(path);
	if (shimmed())
		assert_int_equal(poller_granted(&poller) + *poller.granted, 0);
	assert_int_equal(let_go(order->fcntl_let_go_first ? by_fcntl : by_flock, order,
				order->fcntl_let_go_first),
			 0);
	if (shimmed())
		assert_int_equal(poller_granted(&poller) + *poller.granted, 0);
	assert_int_equal(let_go(order->fcntl_let_go_first ? by_flock : by_fcntl, order,
				!order->fcntl_let_go_first),
			 0);
	assert_int_not_equal(poller_granted(&poller), 0);
	poller_stop(&poller);
	close(one);
	if (two != one)
		close(two);
}

/* glibc's lockf takes write locks alone. */
static bool is_possible(const struct order *order)
{
	return !(order->by_lockf && order->fcntl_shared);
}

static void print_order(const struct order *order)
{
	printf("%s first, %s, %s let go first, %s, %s, %s, %s, %s%s\n",
	       order->fcntl_first ? "fcntl" : "flock",
	       order->two_descriptors ? "two descriptors" : "one descriptor",
	       order->fcntl_let_go_first ? "fcntl" : "flock",
	       order->range ? "a range" : "the whole file",
	       order->blocking ? "blocking" : "not blocking", order->by_lockf ? "lockf" : "fcntl",
	       order->flock_shared ? "LOCK_SH" : "LOCK_EX",
	       order->fcntl_shared ? "F_RDLCK" : "F_WRLCK",
	       order->by_thread ? ", each call in a thread of its own" : "");
}

static void test_preload_flock_and_fcntl_are_both_granted(void **state)
{
	const struct place *place = *state;
	unsigned bits;

	for (bits = 0; bits < ORDERS; bits++) {
		const struct order order = order_of(bits);

		if (!is_possible(&order))
			continue;
		print_order(&order);
		run_order(place->file, &order);
	}
}

static struct flock whole(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET };
}

/* F_GETLK and F_TEST answer as if the program's own flock were one. */
static void test_preload_own_flock_is_not_in_the_way_of_a_question(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct flock question = whole(F_WRLCK);
	struct outsider holder;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(fcntl(fd, F_GETLK, &question), 0);
	assert_int_equal(question.l_type, F_UNLCK);
	assert_int_equal(lockf(fd, F_TEST, 0), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);
	question = whole(F_WRLCK);
	assert_int_equal(fcntl(fd, F_GETLK, &question), 0);
	assert_int_equal(question.l_type, F_WRLCK);
	assert_int_equal(question.l_pid, holder.pid);
	assert_int_equal(lockf(fd, F_TEST, 0), -1);
	outsider_stop(&holder);
	close(fd);
}

/* Another's lock still refuses, and nothing of the program's own was given up for the trial. */
static void test_preload_outsiders_lock_still_refuses(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct flock record = whole(F_WRLCK);
	struct outsider holder;

	assert_int_equal(flock(fd, LOCK_SH), 0);
	holder = outsider_hold(place->file, BY_OFD, LOCK_SH);
	assert_int_equal(fcntl(fd, F_SETLK, &record), -1);
	assert_true(errno == EAGAIN || errno == EACCES);
	outsider_stop(&holder);
	assert_held(place->file, LOCK_SH);
	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), EAGAIN);
	close(fd);
	assert_free(place->file);
}

/* Both families across fork: the child has the flock, the parent the fcntl lock. */
static void test_preload_child_unlock_leaves_the_parents_fcntl_lock(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), status;
	struct flock record = whole(F_WRLCK);
	pid_t pid;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	pid = fork();
	if (!pid)
		_exit(flock(fd, LOCK_UN) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), EAGAIN);
	record.l_type = F_UNLCK;
	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	assert_free(place->file);
	close(fd);
}

/* Closing another descriptor drops the POSIX lock, as ever; the flock stays. */
static void test_preload_flock_outlives_the_fcntl_lock_that_a_close_drops(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct flock record = whole(F_WRLCK);

	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	close(must_open(place->file, O_RDONLY));
	assert_held(place->file, LOCK_EX);
	close(fd);
	assert_free(place->file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_flock_and_fcntl_are_both_granted),
		place_test(test_preload_own_flock_is_not_in_the_way_of_a_question),
		place_test(test_preload_outsiders_lock_still_refuses),
		place_test(test_preload_child_unlock_leaves_the_parents_fcntl_lock),
		place_test(test_preload_flock_outlives_the_fcntl_lock_that_a_close_drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
