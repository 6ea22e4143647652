/* SPDX-License-Identifier: MIT
 * LOCK_EX on a description opened read-only, LOCK_SH on a write-only one: what flock grants there,
 * the shim grants, and outsiders see it. */
#include "tests/preload/keeper_find.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define ROUNDS 100

static int try_now(const char *path, int flags, int operation)
{
	int fd = must_open(path, flags), result = flock(fd, operation | LOCK_NB) ? errno : 0;

	close(fd);
	return result;
}

static void test_preload_keeper_excludes(void **state)
{
	const struct place *place = *state;
	size_t i;

	for (i = 0; i < 2; i++) {
		int fd = must_open(place->file, kept[i].flags);
		int shared = kept[i].operation == LOCK_SH ? 0 : EWOULDBLOCK;

		assert_int_equal(flock(fd, kept[i].operation), 0);
		assert_int_equal(flock(fd, kept[i].operation | LOCK_NB), 0);
		assert_held(place->file, kept[i].operation);
		assert_int_equal(try_now(place->file, O_RDONLY, LOCK_EX), EWOULDBLOCK);
		assert_int_equal(try_now(place->file, O_RDWR, LOCK_EX), EWOULDBLOCK);
		assert_int_equal(try_now(place->file, O_WRONLY, LOCK_SH), shared);
		assert_int_equal(try_now(place->file, O_RDWR, LOCK_SH), shared);
		assert_held(place->file, kept[i].operation);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		await_free(place->file);
		close(fd);
	}
}

/* The unlock is seen: nothing is held when it returns. */
static void test_preload_keeper_unlock_is_done_when_it_returns(void **state)
{
	const struct place *place = *state;
	int round, fd;

	for (round = 0; round < ROUNDS; round++) {
		fd = must_open(place->file, kept[round & 1].flags);
		assert_int_equal(flock(fd, kept[round & 1].operation), 0);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		assert_free(place->file);
		close(fd);
	}
}

/* `flock -n FILE …; flock -n FILE …` */
static void test_preload_keeper_that_leaves_refuses_nobody(void **state)
{
	const struct place *place = *state;
	const struct kept next[] = {
		{ O_RDONLY, LOCK_EX },
		{ O_RDWR, LOCK_EX },
		{ O_WRONLY, LOCK_SH },
		{ O_RDWR, LOCK_SH },
	};
	int round, fd;
	size_t i;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < 8; i++) {
			fd = must_open(place->file, kept[i / 4].flags);
			assert_int_equal(flock(fd, kept[i / 4].operation), 0);
			close(fd);
			assert_int_equal(
				try_now(place->file, next[i % 4].flags, next[i % 4].operation), 0);
			await_free(place->file);
		}
}

static void test_preload_keeper_changes_of_type(void **state)
{
	const struct place *place = *state;
	size_t i, j;

	for (i = 0; i < 2; i++) {
		int fd = must_open(place->file, kept[i].flags);

		for (j = 0; j < 20; j++) {
			assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
			assert_held(place->file, LOCK_EX);
			assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), 0);
			assert_held(place->file, LOCK_SH);
		}
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_held(place->file, LOCK_EX);
		close(fd);
		await_free(place->file);
	}
}

static void test_preload_keeper_refused_upgrade_has_lost_the_shared_lock(void **state)
{
	const struct place *place = *state;
	size_t i;

	for (i = 0; i < 2; i++) {
		struct outsider reader = outsider_hold(place->file, own_family(), LOCK_SH);
		int fd = must_open(place->file, kept[i].flags);

		assert_int_equal(flock(fd, LOCK_SH), 0);
		errno = 0;
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
		assert_int_equal(errno, EWOULDBLOCK);
		outsider_stop(&reader);
		await_free(place->file);
		close(fd);
	}
}

static void keep_upgrading_atomically(const struct place *place)
{
	size_t i;

	bounded_wait();
	for (i = 0; i < 2; i++) {
		struct outsider reader = outsider_hold(place->file, own_family(), LOCK_SH);
		int fd = must_open(place->file, kept[i].flags);

		assert_int_equal(flock(fd, LOCK_SH), 0);
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
		assert_int_equal(errno, EWOULDBLOCK);
		outsider_stop(&reader);
		assert_held(place->file, LOCK_SH);
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_held(place->file, LOCK_EX);
		close(fd);
		await_free(place->file);
	}
}

static void test_preload_keeper_refused_atomic_upgrade_keeps_the_shared_lock(void **state)
{
	if (!shimmed())
		skip();
	assert_scenario("atomic", *state, "LOCKSHIM_SET=flock=ofd;upgrade=atomic", NULL);
}

/* The lock's owner says when it holds it: whoever is let in meanwhile is a third. */
struct watch {
	int holds, stop, intruders, tries;
};

static struct watch *watch_new(void)
{
	struct watch *watch = mmap(NULL, sizeof *watch, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(watch, MAP_FAILED);
	return watch;
}

static pid_t intrude(const char *path, struct watch *watch, bool wait)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	fd = open(path, O_RDWR);
	while (!__atomic_load_n(&watch->stop, __ATOMIC_SEQ_CST)) {
		if (!outsider_call(fd, own_family(), LOCK_EX, wait))
			__atomic_add_fetch(&watch->intruders,
					   __atomic_load_n(&watch->holds, __ATOMIC_SEQ_CST),
					   __ATOMIC_SEQ_CST);
		outsider_call(fd, own_family(), LOCK_UN, false);
		__atomic_add_fetch(&watch->tries, 1, __ATOMIC_SEQ_CST);
	}
	_exit(0);
}

/* Native flock promises no such thing. */
static void test_preload_keeper_downgrade_lets_nobody_in(void **state)
{
	const struct place *place = *state;
	struct watch *watch = watch_new();
	pid_t polls, waits;
	int round, fd;

	if (!shimmed())
		skip();
	polls = intrude(place->file, watch, false);
	waits = intrude(place->file, watch, true);
	for (round = 0; round < 2 * ROUNDS; round++) {
		fd = must_open(place->file, kept[round & 1].flags);
		assert_int_equal(flock(fd, LOCK_EX), 0);
		__atomic_store_n(&watch->holds, 1, __ATOMIC_SEQ_CST);
		assert_int_equal(flock(fd, LOCK_SH), 0);
		__atomic_store_n(&watch->holds, 0, __ATOMIC_SEQ_CST);
		close(fd);
	}
	__atomic_store_n(&watch->stop, 1, __ATOMIC_SEQ_CST);
	assert_int_equal(waitpid(polls, NULL, 0), polls);
	assert_int_equal(waitpid(waits, NULL, 0), waits);
	assert_int_equal(watch->intruders, 0);
	assert_true(watch->tries > 0);
	munmap(watch, sizeof *watch);
}

static void count_under_the_lock(const char *path, volatile int *counter)
{
	int round, fd, seen;

	for (round = 0; round < 50; round++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (flock(fd, LOCK_EX))
			_exit(1);
		seen = *counter;
		getppid();
		*counter = seen + 1;
		if (round & 1 && flock(fd, LOCK_UN))
			_exit(2);
		close(fd);
	}
	_exit(0);
}

static void test_preload_keeper_many_ask_at_once(void **state)
{
	const struct place *place = *state;
	struct watch *watch = watch_new();
	int i, status;
	pid_t pids[4];

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i])
			count_under_the_lock(place->file, &watch->holds);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(watch->holds, 200);
	await_free(place->file);
	munmap(watch, sizeof *watch);
}

/* The description is one: who comes second has what the first was granted. */
static void test_preload_keeper_two_wait_on_one_description(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	int fd = must_open(place->file, O_RDONLY), i, status;
	pid_t pids[2];

	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			bounded_wait();
			_exit(flock(fd, LOCK_EX) ? 1 : 0);
		}
	}
	outsider_await_waiter(place->file);
	outsider_stop(&holder);
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_held(place->file, LOCK_EX);
	close(fd);
	await_free(place->file);
}

static void test_preload_keeper_one_of_two_readers_leaves(void **state)
{
	const struct place *place = *state;
	int one = must_open(place->file, O_WRONLY), two = must_open(place->file, O_WRONLY);

	assert_int_equal(flock(one, LOCK_SH), 0);
	assert_int_equal(flock(two, LOCK_SH), 0);
	close(one);
	assert_held(place->file, LOCK_SH);
	close(two);
	await_free(place->file);
}

/* The families are apart: flock=ofd heeds no native holder, whatever a keeper uses it for. */
static void test_preload_keeper_is_not_kept_by_a_native_holder(void **state)
{
	const struct place *place = *state;
	struct outsider native = outsider_hold(place->file, BY_FLOCK, LOCK_SH);
	int fd = must_open(place->file, O_WRONLY);

	if (!shimmed()) {
		outsider_stop(&native);
		skip();
	}
	assert_int_equal(flock(fd, LOCK_SH), 0);
	close(fd);
	bounded_wait();
	while (outsider_try(place->file, BY_OFD, LOCK_EX))
		sched_yield();
	alarm(0);
	outsider_stop(&native);
}

/* Refused without a wait for what is no keeper to leave: one would be hundreds of switches. */
static int refused_at_once(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	if (!flock(fd, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
		return 1;
	getrusage(RUSAGE_SELF, &after);
	return after.ru_nvcsw - before.ru_nvcsw > 100 ? 2 : 0;
}

/* Both families of one program leave the last byte apart from the rest, as a keeper does. */
static void test_preload_keeper_is_told_from_two_families(void **state)
{
	const struct place *place = *state;
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(status_of(refused_at_once, place), 0);
	close(fd);
	assert_free(place->file);
}

static int lock_by_path_descriptor(const struct place *place)
{
	int fd = open(place->file, O_PATH | O_CLOEXEC);

	return flock(fd, LOCK_EX) ? errno : 0;
}

static void test_preload_keeper_path_descriptor_never_waits(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);

	assert_int_equal(status_of(lock_by_path_descriptor, place), EBADF);
	outsider_stop(&holder);
}

/* A number that was closed unseen and is a pipe's now. */
static void test_preload_keeper_is_for_files_alone(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR), ends[2];
	char path[64], word;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(syscall(SYS_close, fd), 0);
	assert_int_equal(syscall(SYS_dup3, ends[0], fd, O_CLOEXEC), fd);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_int_equal(outsider_try(path, BY_FLOCK, LOCK_EX), EAGAIN);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(fd, &word, 1), 0);
	close(fd);
}

static void under_posix(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY);

	bounded_wait();
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_held(place->file, LOCK_SH);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	await_free(place->file);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_held(place->file, LOCK_SH);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
}

static void test_preload_keeper_under_posix(void **state)
{
	if (!shimmed())
		skip();
	assert_scenario("posix", *state, "LOCKSHIM_SET=flock=posix", NULL);
}

static void under_both(const struct place *place)
{
	size_t i;

	bounded_wait();
	for (i = 0; i < 2; i++) {
		int fd = must_open(place->file, kept[i].flags);
		int shared = kept[i].operation == LOCK_SH ? 0 : EAGAIN;

		assert_int_equal(flock(fd, kept[i].operation), 0);
		assert_held(place->file, kept[i].operation);
		assert_int_equal(outsider_try(place->file, BY_FLOCK, LOCK_EX), EAGAIN);
		assert_int_equal(outsider_try(place->file, BY_FLOCK, LOCK_SH), shared);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		await_free(place->file);
		close(fd);
	}
}

static void test_preload_keeper_under_both(void **state)
{
	if (!shimmed())
		skip();
	assert_scenario("both", *state, "LOCKSHIM_SET=flock=both", NULL);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "atomic", keep_upgrading_atomically },
		{ "posix", under_posix },
		{ "both", under_both },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_keeper_excludes),
		place_test(test_preload_keeper_unlock_is_done_when_it_returns),
		place_test(test_preload_keeper_that_leaves_refuses_nobody),
		place_test(test_preload_keeper_changes_of_type),
		place_test(test_preload_keeper_refused_upgrade_has_lost_the_shared_lock),
		place_test(test_preload_keeper_refused_atomic_upgrade_keeps_the_shared_lock),
		place_test(test_preload_keeper_downgrade_lets_nobody_in),
		place_test(test_preload_keeper_many_ask_at_once),
		place_test(test_preload_keeper_two_wait_on_one_description),
		place_test(test_preload_keeper_one_of_two_readers_leaves),
		place_test(test_preload_keeper_is_not_kept_by_a_native_holder),
		place_test(test_preload_keeper_is_told_from_two_families),
		place_test(test_preload_keeper_path_descriptor_never_waits),
		place_test(test_preload_keeper_is_for_files_alone),
		place_test(test_preload_keeper_under_posix),
		place_test(test_preload_keeper_under_both),
	};

	scenario_main(argc, argv, scenarios);
	/* An emulator's process is not the keeper's kind of child. */
	if (getenv("TEST_EMULATOR"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
