/* SPDX-License-Identifier: MIT
 * F_GETLK and F_TEST where flock became an OFD lock: the program's own flocks never show, another's
 * record lock always does, as it stands. The bare run has the same answers. */
#include "tests/preload/parts.h"

#include <pthread.h>
#include <signal.h>

#define HANGS 500 /* the list of all locks is read thousands of times, however long it is */

static int place_make_guarded(void **state)
{
	alarm(HANGS);
	return place_make(state);
}

#define getlk_test(name) cmocka_unit_test_setup_teardown(name, place_make_guarded, place_remove)

static struct flock ask(int fd, short type, off_t start, off_t length)
{
	struct flock question = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	assert_int_equal(fcntl(fd, F_GETLK, &question), 0);
	return question;
}

/* Reads [50, 60) by either family until it is killed. */
static pid_t reader_start(const char *path, bool by_ofd, off_t start, off_t length)
{
	int ends[2];
	char word;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		alarm(HANGS);
		word = (char)raw_record(path, by_ofd ? F_OFD_SETLK : RAW_SETLK, F_RDLCK, start,
					length);
		if (write(ends[1], &word, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &word, 1), 1);
	assert_int_equal(word, 0);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void reader_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* What the program itself holds while it asks, by up to three descriptors. */
struct own {
	const char *what;
	unsigned descriptions, duplicates;
	off_t record; /* bytes by F_RDLCK from the beginning */
};

static const struct own owns[] = {
	{ "nothing", 0, 0, 0 },
	{ "LOCK_SH", 1, 0, 0 },
	{ "LOCK_SH and its duplicate", 1, 1, 0 },
	{ "LOCK_SH, twice", 2, 0, 0 },
	{ "LOCK_SH, twice, and a duplicate", 2, 1, 0 },
	{ "LOCK_SH and F_RDLCK", 1, 0, 10 },
	{ "LOCK_SH, twice, and F_RDLCK where the other reads too", 2, 0, 100 },
	{ "F_RDLCK", 0, 0, 100 },
};

static void own_take(const struct own *own, const char *path, int fds[4])
{
	unsigned i;

	for (i = 0; i < 3; i++)
		fds[i] = must_open(path, O_RDWR);
	for (i = 0; i < own->descriptions; i++)
		assert_int_equal(flock(fds[i], LOCK_SH), 0);
	fds[3] = own->duplicates ? dup(fds[0]) : must_open(path, O_RDWR);
	if (own->record)
		assert_int_equal(record(fds[2], F_SETLK, F_RDLCK, 0, own->record), 0);
}

static const struct {
	off_t start, length;
	short type;
	bool meets; /* [50, 60) */
} questions[] = {
	{ 0, 0, F_WRLCK, true },         { 0, 0, F_RDLCK, false },   { 0, 10, F_WRLCK, false },
	{ 0, 51, F_WRLCK, true },        { 59, 1, F_WRLCK, true },   { 60, 0, F_WRLCK, false },
	{ 60, -5, F_WRLCK, true },       { 50, -5, F_WRLCK, false }, { 55, 1, F_RDLCK, false },
	{ 0, INT64_MAX, F_WRLCK, true },
};

static void ask_all(int fd, pid_t pid)
{
	struct flock found;
	size_t i;

	for (i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		found = ask(fd, questions[i].type, questions[i].start, questions[i].length);
		if (!pid || !questions[i].meets) {
			assert_int_equal(found.l_type, F_UNLCK);
			assert_int_equal(found.l_start, questions[i].start);
			assert_int_equal(found.l_len, questions[i].length);
			assert_int_equal(found.l_pid, 0);
			continue;
		}
		assert_int_equal(found.l_type, F_RDLCK);
		assert_int_equal(found.l_whence, SEEK_SET);
		assert_int_equal(found.l_start, 50);
		assert_int_equal(found.l_len, 10);
		assert_int_equal(found.l_pid, pid);
	}
}

static void ask_with_reader(const struct own *own, const char *path, bool by_ofd)
{
	pid_t pid = reader_start(path, by_ofd, 50, 10);
	int fds[4];
	unsigned i;

	printf("%s; another reads by %s\n", own->what, by_ofd ? "an OFD lock" : "fcntl");
	own_take(own, path, fds);
	for (i = 0; i < 4; i++)
		ask_all(fds[i], by_ofd ? -1 : pid);
	reader_stop(pid);
	for (i = 0; i < 4; i++)
		ask_all(fds[i], 0);
	for (i = 0; i < 4; i++)
		close(fds[i]);
}

static void test_preload_getlk_shows_anothers_lock_past_our_own(void **state)
{
	const struct place *place = *state;
	size_t i;

	for (i = 0; i < sizeof owns / sizeof owns[0]; i++) {
		ask_with_reader(&owns[i], place->file, false);
		ask_with_reader(&owns[i], place->file, true);
	}
}

/* Just like our own in the list of all locks. */
static void test_preload_getlk_shows_anothers_lock_like_our_own(void **state)
{
	const struct place *place = *state;
	struct flock found;
	size_t i, each;
	int fds[4];
	pid_t pid;

	for (i = 0; i < sizeof owns / sizeof owns[0]; i++) {
		own_take(&owns[i], place->file, fds);
		pid = reader_start(place->file, true, 0, 0);
		for (each = 0; each < 4; each++) {
			found = ask(fds[each], F_WRLCK, 0, 0);
			assert_int_equal(found.l_type, F_RDLCK);
			assert_int_equal(found.l_start, 0);
			assert_int_equal(found.l_len, 0);
			assert_int_equal(found.l_pid, -1);
		}
		reader_stop(pid);
		for (each = 0; each < 4; each++)
			close(fds[each]);
	}
}

/* An exclusive one, asked for from every side; a keeper has it where it was opened read-only. */
static void test_preload_getlk_does_not_show_our_own_flock(void **state)
{
	static const struct {
		int flags, operation;
	} ways[] = {
		{ O_RDWR, LOCK_EX },   { O_RDWR, LOCK_SH },   { O_WRONLY, LOCK_EX },
		{ O_RDONLY, LOCK_SH }, { O_RDONLY, LOCK_EX }, { O_WRONLY, LOCK_SH },
	};
	const struct place *place = *state;
	int asking = must_open(place->file, O_RDWR), fd, status;
	size_t i;
	pid_t pid;

	need_no_emulator("the keeper's clone");
	for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		fd = must_open(place->file, ways[i].flags);
		assert_int_equal(flock(fd, ways[i].operation), 0);
		ask_all(fd, 0);
		ask_all(asking, 0);
		assert_int_equal(lockf(asking, F_TEST, 0), 0);
		pid = fork();
		if (!pid)
			_exit(ask(fd, F_WRLCK, 0, 0).l_type != F_UNLCK);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		close(fd);
	}
	close(asking);
}

static void test_preload_lockf_tests_for_others(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDWR);
	struct outsider holder = outsider_hold(place->file, BY_POSIX, LOCK_EX);

	assert_int_equal(lockf(fd, F_TEST, 0), -1);
	assert_true(errno == EACCES || errno == EAGAIN);
	outsider_stop(&holder);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(lockf(fd, F_TEST, 0), 0);
	assert_int_equal(lockf(fd, F_TLOCK, 10), 0);
	assert_int_equal(lockf(fd, F_TEST, 0), 0);
	close(fd);
}

struct toggler {
	const char *path;
	int operation, stop;
};

static void *toggle(void *argument)
{
	struct toggler *toggler = argument;
	int fd = open(toggler->path, O_RDWR);

	while (!__atomic_load_n(&toggler->stop, __ATOMIC_RELAXED))
		if (flock(fd, toggler->operation) || flock(fd, LOCK_UN))
			abort();
	close(fd);
	return NULL;
}

/* They come and go between any two questions that the answer is made of. */
static void test_preload_getlk_does_not_show_the_flocks_of_threads(void **state)
{
	const struct place *place = *state;
	struct toggler toggler = { .path = place->file, .operation = LOCK_SH };
	int fd = must_open(place->file, O_RDWR), i;
	pthread_t threads[2];

	need_no_emulator("a fork beside threads now and then hangs in the emulator's own locks");
#ifdef __SANITIZE_ADDRESS__
	print_message("the questions are far apart under the address sanitizer\n");
	close(fd);
	skip();
#endif
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, toggle, &toggler), 0);
	for (i = 0; i < 2000; i++)
		assert_int_equal(ask(fd, F_WRLCK, 0, 0).l_type, F_UNLCK);
	__atomic_store_n(&toggler.stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	close(fd);
}

/* The program's own OFD lock is no flock: it refuses the program's fcntl, as natively. */
static void test_preload_own_ofd_lock_stays_in_the_way(void **state)
{
	const struct place *place = *state;
	int one = must_open(place->file, O_RDWR), two = must_open(place->file, O_RDWR);

	assert_int_equal(record(one, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
	assert_int_equal(ask(two, F_WRLCK, 0, 0).l_type, F_WRLCK);
	assert_int_equal(lockf(two, F_TEST, 0), -1);
	assert_int_equal(record(two, F_SETLK, F_WRLCK, 0, 0), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(outsider_range(place->file, F_OFD_SETLK, F_RDLCK, 0, 10), EAGAIN);
	close(one);
	close(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		getlk_test(test_preload_getlk_shows_anothers_lock_past_our_own),
		getlk_test(test_preload_getlk_shows_anothers_lock_like_our_own),
		getlk_test(test_preload_getlk_does_not_show_our_own_flock),
		getlk_test(test_preload_lockf_tests_for_others),
		getlk_test(test_preload_getlk_does_not_show_the_flocks_of_threads),
		getlk_test(test_preload_own_ofd_lock_stays_in_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
