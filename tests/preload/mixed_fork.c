/* SPDX-License-Identifier: MIT
 * flock and fcntl on one file by a parent and its child: both are granted, as natively, and an
 * outsider who polls without pause gets nothing until both are let go. */
#include "tests/preload/parts.h"

#include "tests/preload/mixed_poller.h"

#define HANGS 60

static int place_make_guarded(void **state)
{
	alarm(HANGS);
	return place_make(state);
}

#define fork_test(name) cmocka_unit_test_setup_teardown(name, place_make_guarded, place_remove)

/* What the child does, told and answered by a byte each. */
enum task { FLOCK_EX, FLOCK_UN, FCNTL_WR, FCNTL_UN, CLOSE, END, EXIT };

struct child {
	pid_t pid;
	int tell, told;
};

static int act(int fd, enum task task)
{
	switch (task) {
	case FLOCK_EX:
		return flock(fd, LOCK_EX);
	case FLOCK_UN:
		return flock(fd, LOCK_UN);
	case FCNTL_WR:
		return record(fd, F_SETLKW, F_WRLCK, 0, 0);
	case FCNTL_UN:
		return record(fd, F_SETLK, F_UNLCK, 0, 0);
	case CLOSE:
		return close(fd);
	default:
		return 0;
	}
}

static _Noreturn void serve(int fd, int from, int to)
{
	char word;

	alarm(HANGS);
	while (read(from, &word, 1) == 1 && word != END && word != EXIT) {
		word = (char)act(fd, (enum task)word);
		if (write(to, &word, 1) != 1)
			_exit(1);
	}
	if (word == EXIT)
		exit(0);
	_exit(0);
}

static struct child child_start(int fd)
{
	struct child child;
	int down[2], up[2];

	assert_int_equal(pipe2(down, O_CLOEXEC), 0);
	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	fflush(NULL);
	child.pid = fork();
	if (!child.pid) {
		close(down[1]);
		serve(fd, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	child.tell = down[1];
	child.told = up[0];
	return child;
}

static int child_does(const struct child *child, enum task task)
{
	char word = (char)task;

	assert_int_equal(write(child->tell, &word, 1), 1);
	assert_int_equal(read(child->told, &word, 1), 1);
	return word;
}

static void child_ends(const struct child *child, enum task how)
{
	char word = (char)how;
	int status;

	assert_int_equal(write(child->tell, &word, 1), 1);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	assert_int_equal(status, 0);
	close(child->tell);
	close(child->told);
}

static void assert_kept_out(const struct poller *poller)
{
	if (shimmed())
		assert_int_equal(poller_granted(poller), 0);
}

static void assert_let_in(const struct poller *poller)
{
	assert_int_not_equal(poller_granted(poller), 0);
}

/* The flock first, by either; the child was forked before. */
struct order {
	bool child_flocks, fcntl_let_go_first;
};

static int does(int fd, const struct child *child, const struct order *order, bool by_fcntl,
		bool unlock)
{
	enum task task = by_fcntl ? (unlock ? FCNTL_UN : FCNTL_WR) : unlock ? FLOCK_UN : FLOCK_EX;

	return by_fcntl != order->child_flocks ? child_does(child, task) : act(fd, task);
}

static void run_order(const char *path, const struct order *order)
{
	int fd = must_open(path, O_RDWR);
	struct child child = child_start(fd);
	struct poller poller;

	assert_int_equal(does(fd, &child, order, false, false), 0);
	poller = poller_start(path);
	assert_int_equal(does(fd, &child, order, true, false), 0);
	assert_kept_out(&poller);
	assert_int_equal(does(fd, &child, order, order->fcntl_let_go_first, true), 0);
	assert_kept_out(&poller);
	assert_int_equal(does(fd, &child, order, !order->fcntl_let_go_first, true), 0);
	assert_let_in(&poller);
	poller_stop(&poller);
	child_ends(&child, END);
	close(fd);
}

static void test_preload_parent_and_child_lock_by_one_family_each(void **state)
{
	const struct place *place = *state;
	unsigned bits;

	for (bits = 0; bits < 4; bits++) {
		const struct order order = { bits & 1, bits & 2 };

		printf("child: %s, %s let go first\n", order.child_flocks ? "flock" : "fcntl",
		       order.fcntl_let_go_first ? "fcntl" : "flock");
		run_order(place->file, &order);
	}
}

/* The fcntl lock is the child's alone: the families meet between two processes. */
static void test_preload_parents_flock_meets_the_childs_fcntl_lock(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct child child = child_start(fd);

	assert_int_equal(child_does(&child, FCNTL_WR), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), shimmed() ? -1 : 0);
	assert_int_equal(child_does(&child, FCNTL_UN), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	child_ends(&child, END);
	assert_held(place->file, LOCK_EX);
	close(fd);
}

/* Both held, then forked: the flock is the child's too, the fcntl lock is not. */
static void test_preload_child_of_a_holder_of_both(void **state)
{
	static const enum task tasks[] = { FCNTL_UN, CLOSE, FLOCK_UN };
	const struct place *place = *state;
	struct poller poller;
	struct child child;
	unsigned i;
	int fd;

	for (i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
		fd = must_open(place->file, O_RDWR);
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(record(fd, F_SETLK, F_WRLCK, 10, 20), 0);
		poller = poller_start(place->file);
		child = child_start(fd);
		assert_int_equal(child_does(&child, tasks[i]), 0);
		assert_kept_out(&poller);
		child_ends(&child, END);
		assert_kept_out(&poller);
		assert_int_equal(record(fd, F_SETLK, F_UNLCK, 10, 20), 0);
		if (tasks[i] == FLOCK_UN)
			assert_let_in(&poller);
		else
			assert_kept_out(&poller);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		assert_let_in(&poller);
		poller_stop(&poller);
		close(fd);
	}
}

/* Killed, it leaves the last bytes; the parent's next lock call takes the rest back. */
static void test_preload_child_that_is_gone_leaves_the_flock_to_the_next_call(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct child child;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	child = child_start(fd);
	assert_int_equal(child_does(&child, FCNTL_WR), 0);
	child_ends(&child, END);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(outsider_range(place->file, RAW_SETLK, F_RDLCK, 0, 100),
			 REFUSED_UNDER_SHIM);
	close(fd);
	assert_free(place->file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fork_test(test_preload_parent_and_child_lock_by_one_family_each),
		fork_test(test_preload_parents_flock_meets_the_childs_fcntl_lock),
		fork_test(test_preload_child_of_a_holder_of_both),
		fork_test(test_preload_child_that_is_gone_leaves_the_flock_to_the_next_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
