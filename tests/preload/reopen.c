/* SPDX-License-Identifier: MIT
 * open-mode = reopen: a stand-in in the process holds what the description can't, and follows it
 * through every call that makes, moves or ends a number of it. */
#include "tests/preload/common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define NUMBERS 5000
#define WHOLE_TEST 500

static int locked(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	return fd;
}

/* The number that the host did not open; -1: none, as bare. */
static int stand_in_of(int fd)
{
	struct stat file, st;
	int at;

	assert_return_code(fstat(fd, &file), errno);
	for (at = NUMBERS - 1; at > fd; at--)
		if (!fstat(at, &st) && st.st_dev == file.st_dev && st.st_ino == file.st_ino)
			return at;
	return -1;
}

static void excludes(const struct place *place)
{
	int fd = locked(place), other = must_open(place->file, O_RDONLY);

	assert_int_equal(stand_in_of(other) >= 0, shimmed());
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_held(place->file, LOCK_SH);
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), 0);
	assert_int_equal(flock(other, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
}

static void upgrades_what_it_held(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY);

	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
	close(fd);
	assert_free(place->file);
}

static void downgrades_on_write_only(const struct place *place)
{
	int fd = must_open(place->file, O_WRONLY);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_held(place->file, LOCK_SH);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
	close(fd);
	assert_free(place->file);
}

static void follows_duplicates(const struct place *place)
{
	int fd = locked(place), copies[4];
	size_t i;

	copies[0] = dup(fd);
	copies[1] = dup2(fd, 40);
	copies[2] = dup3(fd, 41, O_CLOEXEC);
	copies[3] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
	close(fd);
	for (i = 0; i < 4; i++) {
		assert_held(place->file, LOCK_EX);
		assert_int_equal(flock(copies[i], LOCK_EX | LOCK_NB), 0);
		close(copies[i]);
	}
	assert_free(place->file);
}

/* The duplicate was there before the lock was. */
static void follows_earlier_duplicates(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY), copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	close(fd);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(copy, LOCK_UN), 0);
	assert_free(place->file);
	close(copy);
}

static void ends_with_the_last_number(const struct place *place)
{
	FILE *stream;
	int fd = locked(place), other = must_open("/dev/null", O_RDONLY);

	assert_int_equal(dup2(other, fd), fd);
	assert_free(place->file);
	close(fd);
	fd = locked(place);
	assert_int_equal(dup2(-1, fd), -1);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(dup3(other, fd, O_CLOEXEC), fd);
	assert_free(place->file);
	fd = locked(place);
	stream = fdopen(fd, "r");
	assert_int_equal(fclose(stream), 0);
	assert_free(place->file);
}

static void lives_through_close_all(const struct place *place)
{
	int fd = locked(place), at;

	for (at = 3; at < NUMBERS; at++)
		if (at != fd)
			close(at);
	assert_held(place->file, LOCK_EX);
	for (at = 3; at < NUMBERS; at++)
		close(at);
	assert_free(place->file);
}

static void lives_through_ranges(const struct place *place)
{
#ifdef __GLIBC__
	int fd = locked(place);

	assert_int_equal(close_range((unsigned)fd + 1, ~0u, 0), 0);
	assert_held(place->file, LOCK_EX);
	closefrom(fd + 1);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(close_range((unsigned)fd, ~0u, 64), -1);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(close_range((unsigned)fd, ~0u, 0), 0);
	assert_free(place->file);
	fd = locked(place);
	closefrom(fd);
	assert_free(place->file);
#else
	(void)place;
#endif
}

/* The program wants the number that the stand-in has. */
static void makes_way(const struct place *place)
{
	int fd = locked(place), at = stand_in_of(fd), other = must_open("/dev/null", O_RDONLY);

	at = at < 0 ? 100 : at;
	assert_int_equal(dup2(other, at), at);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(close(at), 0);
	assert_held(place->file, LOCK_EX);
	close(fd);
	assert_free(place->file);
}

/* Closed by a raw call: the lock is lost, the next one is real. */
static void replaces_what_was_lost(const struct place *place)
{
	int fd = locked(place);

	if (shimmed())
		syscall(SYS_close, stand_in_of(fd));
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_held(place->file, LOCK_EX);
	close(fd);
	assert_free(place->file);
}

/* Closed by a raw call, and the number is another file's now: the stand-in can't go while the
 * program's fcntl lock would go with it. */
static void forgotten_stand_in_drops_no_fcntl_lock(const struct place *place)
{
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = locked(place), writer;
	char path[sizeof place->file];

	assert_int_equal(flock(fd, LOCK_UN), 0);
	syscall(SYS_close, fd);
	snprintf(path, sizeof path, "%s/other", place->directory);
	assert_int_equal(must_open(path, O_RDWR | O_CREAT), fd);
	writer = must_open(place->file, O_RDWR);
	assert_int_equal(fcntl(writer, F_SETLK, &record), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), EAGAIN);
	close(writer);
}

/* Taken by a raw call, as by one before exec. What flock answers is not the matter here. */
static void unseen_fcntl_lock_stays(const struct place *place)
{
	int writer = must_open(place->file, O_RDWR), fd = must_open(place->file, O_RDONLY);

	assert_int_equal(outsider_call(writer, BY_POSIX, LOCK_EX, false), 0);
	(void)flock(fd, LOCK_EX | LOCK_NB);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), EAGAIN);
	close(writer);
}

struct program {
	pid_t pid;
	int tell;
};

/* cat, which ends with its input. */
static struct program start(void)
{
	const char *words[] = { "/bin/cat", NULL };
	struct program program;
	int ends[2];

	assert_return_code(pipe2(ends, O_CLOEXEC), errno);
	program.pid = fork();
	if (!program.pid) {
		dup2(ends[0], 0);
		execve(words[0], (char **)(uintptr_t)words, (char *[]){ NULL });
		_exit(127);
	}
	close(ends[0]);
	program.tell = ends[1];
	return program;
}

static void finish(const struct program *program)
{
	int status;

	close(program->tell);
	assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
	assert_int_equal(status, 0);
}

static void assert_program_keeps(const struct place *place, int fd, bool kept)
{
	struct program program = start();

	close(fd);
	/* Until exec the copy of the fork holds. */
	while (!kept && outsider_try(place->file, shimmed() ? BY_OFD : BY_FLOCK, LOCK_EX))
		;
	if (kept)
		assert_held(place->file, LOCK_EX);
	finish(&program);
	assert_free(place->file);
}

static void follows_close_on_exec(const struct place *place)
{
	int fd = locked(place);

	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	assert_program_keeps(place, fd, true);
	fd = locked(place);
	assert_int_equal(ioctl(fd, FIONCLEX), 0);
	assert_program_keeps(place, fd, true);
	fd = locked(place);
	assert_int_equal(ioctl(fd, FIONCLEX), 0);
	assert_int_equal(ioctl(fd, FIOCLEX), 0);
	assert_program_keeps(place, fd, false);
}

/* vfork: the child's duplicate is in its own table, and in no memory of ours. */
static void follows_into_a_vforked_program(const struct place *place)
{
	const char *words[] = { "/bin/cat", NULL };
	int fd = locked(place), ends[2];
	struct program program;

	assert_return_code(pipe2(ends, O_CLOEXEC), errno);
	program.pid = vfork();
	if (!program.pid) {
		dup2(ends[0], 0);
		dup2(fd, 5);
		execve(words[0], (char **)(uintptr_t)words, (char *[]){ NULL });
		_exit(127);
	}
	close(ends[0]);
	program.tell = ends[1];
	close(fd);
	assert_held(place->file, LOCK_EX);
	finish(&program);
	assert_free(place->file);
}

static void vforked_closes_change_nothing(const struct place *place)
{
	int fd = locked(place), at, status;
	pid_t pid = vfork();

	if (!pid) {
		for (at = 3; at < NUMBERS; at++)
			close(at);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_held(place->file, LOCK_EX);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
}

static void child_holds(const struct place *place)
{
	int fd = locked(place), ends[2], status;
	char word;
	pid_t pid;

	assert_return_code(pipe2(ends, O_CLOEXEC), errno);
	pid = fork();
	if (!pid) {
		close(ends[1]);
		status = read(ends[0], &word, 1) != 0;
		_exit(status || flock(fd, LOCK_EX | LOCK_NB));
	}
	close(ends[0]);
	close(fd);
	assert_held(place->file, LOCK_EX);
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_free(place->file);
}

static void child_lets_go(const struct place *place)
{
	int fd = locked(place), status;
	pid_t pid = fork();

	if (!pid)
		_exit(flock(fd, LOCK_UN));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_free(place->file);
	close(fd);
}

static void ends_with_the_process(const struct place *place)
{
	int ends[2], status;
	char word = 0;
	pid_t pid;

	assert_return_code(pipe2(ends, O_CLOEXEC), errno);
	pid = fork();
	if (!pid) {
		locked(place);
		if (write(ends[1], &word, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &word, 1), 1);
	assert_held(place->file, LOCK_EX);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_free(place->file);
}

static int counter; /* atomic for the thread sanitizer alone, which knows no flock */

static void *count(void *path)
{
	int round, fd, seen;

	for (round = 0; round < 500; round++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (flock(fd, LOCK_EX))
			return path;
		seen = __atomic_load_n(&counter, __ATOMIC_RELAXED);
		sched_yield();
		__atomic_store_n(&counter, seen + 1, __ATOMIC_RELAXED);
		if (round & 1)
			flock(fd, LOCK_UN);
		close(fd);
	}
	return NULL;
}

static void counts_in_threads(const struct place *place)
{
	char path[sizeof place->file];
	pthread_t threads[4];
	void *failed;
	int i;

	strcpy(path, place->file);
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, path), 0);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(counter, 2000);
	assert_free(place->file);
}

static const struct scenario scenarios[] = {
	{ "excludes", excludes },
	{ "upgrades what it held", upgrades_what_it_held },
	{ "downgrades on write-only", downgrades_on_write_only },
	{ "follows duplicates", follows_duplicates },
	{ "follows earlier duplicates", follows_earlier_duplicates },
	{ "ends with the last number", ends_with_the_last_number },
	{ "lives through close-all", lives_through_close_all },
	{ "lives through ranges", lives_through_ranges },
	{ "makes way", makes_way },
	{ "replaces what was lost", replaces_what_was_lost },
	{ "follows close-on-exec", follows_close_on_exec },
	{ "follows into a vforked program", follows_into_a_vforked_program },
	{ "vforked closes change nothing", vforked_closes_change_nothing },
	{ "child holds", child_holds },
	{ "child lets go", child_lets_go },
	{ "ends with the process", ends_with_the_process },
	{ "counts in threads", counts_in_threads },
	{ "forgotten stand-in drops no fcntl lock", forgotten_stand_in_drops_no_fcntl_lock },
	{ "unseen fcntl lock stays", unseen_fcntl_lock_stays },
	{ NULL, NULL },
};

/* The families whose locks are an OFD lock here, too. */
static void test_preload_reopen_in_other_families(void **state)
{
	const struct place *place = *state;

	assert_scenario("upgrades what it held", place, "LOCKSHIM_SET=flock=posix;open-mode=reopen",
			NULL);
	assert_scenario("follows duplicates", place, "LOCKSHIM_SET=flock=both;open-mode=reopen",
			NULL);
	assert_scenario("downgrades on write-only", place,
			"LOCKSHIM_SET=flock=ofd;open-mode=reopen;upgrade=atomic", NULL);
	assert_scenario("upgrades what it held", place,
			"LOCKSHIM_SET=flock=ofd;open-mode=reopen;upgrade=atomic", NULL);
}

static void test_preload_reopen(void **state)
{
	const struct scenario *scenario;

	for (scenario = scenarios; scenario->name; scenario++)
		assert_scenario(scenario->name, *state, "LOCKSHIM_SET=flock=ofd;open-mode=reopen",
				NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_reopen),
		place_test(test_preload_reopen_in_other_families),
	};

	alarm(WHOLE_TEST); /* a lock that never comes */
	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
