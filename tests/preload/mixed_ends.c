/* SPDX-License-Identifier: MIT
 * Programs that take flock and fcntl on one file: locks that end near the last byte, and waits that
 * would not end. */
#include "tests/preload/parts.h"

#include <sched.h>
#include <sys/mman.h>

#define HANGS 60

static int place_make_guarded(void **state)
{
	alarm(HANGS);
	return place_make(state);
}

#define end_test(name) cmocka_unit_test_setup_teardown(name, place_make_guarded, place_remove)

/* Lengths that are a program's own, though they end just before the last byte. */
static void test_preload_mixed_leaves_nothing_of_the_longest_length(void **state)
{
	static const off_t lengths[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX - 14 };
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	size_t i;

	for (i = 0; i < 2 * sizeof lengths / sizeof lengths[0]; i++) {
		if (i % 2)
			assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(record(fd, F_SETLK, F_WRLCK, 0, lengths[i / 2]), 0);
		if (!(i % 2))
			assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		assert_int_equal(outsider_range(place->file, RAW_SETLK, F_RDLCK, 0, 1), EAGAIN);
		assert_int_equal(outsider_range(place->file, RAW_SETLK, F_RDLCK, INT64_MAX, 0), 0);
		assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, lengths[i / 2]), 0);
		assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), 0);
	}
	close(fd);
}

/* A keeper can't mark what the host's own lock covers. */
static void test_preload_mixed_keeper_with_the_last_bytes_locked(void **state)
{
	const struct place *place = *state;
	int kept = must_open(place->file, O_RDONLY), fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, F_SETLK, F_WRLCK, INT64_MAX - 1, 1), 0);
	assert_int_equal(flock(kept, LOCK_EX | LOCK_NB), shimmed() ? -1 : 0);
	assert_int_equal(flock(kept, LOCK_EX), shimmed() ? -1 : 0);
	if (shimmed())
		assert_true(errno == EDEADLK || errno == EBADF);
	assert_int_equal(record(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	close(kept);
	close(fd);
}

/* What both are told before either waits. */
struct meeting {
	volatile int ready;
};

/* Its own range, then the flock. The errno of that. */
static int lock_and_flock(const char *path, struct meeting *meeting, off_t start)
{
	int fd = open(path, O_RDWR), result;

	alarm(HANGS);
	if (fd < 0 || record(fd, F_SETLK, F_WRLCK, start, 10))
		return 255;
	__atomic_fetch_add(&meeting->ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&meeting->ready, __ATOMIC_SEQ_CST) < 2)
		sched_yield();
	result = flock(fd, LOCK_EX) ? errno : 0;
	if (result == EDEADLK)
		record(fd, F_SETLK, F_UNLCK, 0, 0);
	return result;
}

/* Each holds a range that the other's flock meets: natively they take turns, here one of them is
 * told to let go. */
static void test_preload_mixed_holders_of_ranges_do_not_hang_each_other(void **state)
{
	const struct place *place = *state;
	struct meeting *meeting = mmap(NULL, sizeof *meeting, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, refused = 0, i;
	pid_t pids[2];

	need_no_emulator("its own threads wait for no lock, so nothing is known to be stuck");
#ifdef __SANITIZE_THREAD__
	skip(); /* the sanitizer's own thread waits for no lock, so nothing is known to be stuck */
#endif
	assert_ptr_not_equal(meeting, MAP_FAILED);
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(lock_and_flock(place->file, meeting, 20 * i));
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		refused += WEXITSTATUS(status) == EDEADLK;
		assert_true(!WEXITSTATUS(status) || WEXITSTATUS(status) == EDEADLK);
	}
	assert_int_equal(refused, shimmed() ? 1 : 0);
	munmap(meeting, sizeof *meeting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		end_test(test_preload_mixed_leaves_nothing_of_the_longest_length),
		end_test(test_preload_mixed_keeper_with_the_last_bytes_locked),
		end_test(test_preload_mixed_holders_of_ranges_do_not_hang_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
