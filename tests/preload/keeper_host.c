/* SPDX-License-Identifier: MIT
 * The host of a keeper is not disturbed: no descriptor, no child, no signal, no lock of its own
 * lost, and nothing of it is held by the keeper. */
#include "tests/preload/keeper_find.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>

static int descriptors_of(pid_t pid)
{
	char path[64];
	int count = pid == getpid() ? -1 : 0; /* our own look at it */
	DIR *list;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	list = opendir(path);
	assert_non_null(list);
	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

static void test_preload_keeper_adds_no_descriptor(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDONLY), before = descriptors_of(getpid());

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(descriptors_of(getpid()), before);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(descriptors_of(getpid()), before);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(descriptors_of(getpid()), before);
	close(fd);
}

static void test_preload_keeper_adds_no_descriptor_while_it_waits(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	int fd = must_open(place->file, O_RDONLY), before = descriptors_of(getpid()), status;
	pid_t pid = fork();

	if (!pid)
		_exit(flock(fd, LOCK_EX));
	outsider_await_waiter(place->file);
	assert_int_equal(descriptors_of(pid), before);
	outsider_stop(&holder);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_held(place->file, LOCK_EX);
	close(fd);
	await_free(place->file);
}

static volatile sig_atomic_t told;

static void tell(int number)
{
	(void)number;
	told++;
}

/* Has no child of its own. */
static int lock_and_look_for_children(const struct place *place)
{
	struct sigaction action = { .sa_handler = tell };
	int fd = open(place->file, O_RDONLY | O_CLOEXEC), round;

	told = 0;
	sigaction(SIGCHLD, &action, NULL);
	for (round = 0; round < 20; round++) {
		if (flock(fd, LOCK_EX) || waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
			return 1;
		if (flock(fd, LOCK_SH) || flock(fd, LOCK_UN) || waitpid(-1, NULL, WNOHANG) != -1)
			return 2;
	}
	return told ? 3 : 0;
}

static void test_preload_keeper_is_no_child(void **state)
{
	assert_int_equal(status_of(lock_and_look_for_children, *state), 0);
}

static int lock_and_look_as_a_subreaper(const struct place *place)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) ? 100 : lock_and_look_for_children(place);
}

static void test_preload_keeper_is_no_child_of_a_subreaper(void **state)
{
	assert_int_equal(status_of(lock_and_look_as_a_subreaper, *state), 0);
}

/* One that is refused, too: its record lock over another part stays. */
static void test_preload_keeper_keeps_the_hosts_posix_lock(void **state)
{
	const struct place *place = *state;
	struct flock record = { .l_type = F_WRLCK, .l_start = 100, .l_len = 10 };
	int other = must_open(place->file, O_RDWR), fd = must_open(place->file, O_RDONLY);

	assert_int_equal(fcntl(other, F_SETLK, &record), 0);
	assert_true(!flock(fd, LOCK_EX | LOCK_NB) || errno == EWOULDBLOCK);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), EAGAIN);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), EAGAIN);
	close(fd);
	close(other);
}

static void test_preload_keeper_holds_no_pipe(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDONLY), ends[2];
	char word;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	close(ends[1]);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(ends[0], &word, 1), 0);
	close(ends[0]);
	close(fd);
	await_free(place->file);
}

/* Whoever waits for the lock has a process of ours too. */
static void test_preload_keeper_holds_no_pipe_while_it_waits(void **state)
{
	const struct place *place = *state;
	struct outsider holder = outsider_hold(place->file, own_family(), LOCK_EX);
	int ends[2], fd;
	char word;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		fd = open(place->file, O_RDONLY);
		_exit(flock(fd, LOCK_EX));
	}
	outsider_await_waiter(place->file);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ends[1]);
	assert_int_equal(read(ends[0], &word, 1), 0);
	outsider_stop(&holder);
	await_free(place->file);
	close(ends[0]);
}

/* Its child has the description, and leaves the group. */
static int lead_a_group(const struct place *place, int ready)
{
	int fd = open(place->file, O_RDONLY);

	setpgid(0, 0);
	if (flock(fd, LOCK_EX))
		return 1;
	if (!fork()) {
		setpgid(0, 0);
		(void)!write(ready, "r", 1);
	}
	for (;;)
		pause();
}

static void test_preload_keeper_is_not_in_the_group(void **state)
{
	const struct place *place = *state;
	int ready[2];
	char word;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid)
		_exit(lead_a_group(place, ready[1]));
	assert_int_equal(read(ready[0], &word, 1), 1);
	assert_int_equal(kill(-pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_held(place->file, LOCK_EX);
	kill(user_of(place->file, "test_preload"), SIGKILL);
	await_free(place->file);
	close(ready[0]);
	close(ready[1]);
}

static void test_preload_keeper_is_small(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDONLY), kilobytes = -1;
	char path[64], line[128];
	FILE *status;

	if (!shimmed())
		skip();
	assert_int_equal(flock(fd, LOCK_EX), 0);
	snprintf(path, sizeof path, "/proc/%d/status",
		 (int)user_of(place->file, "lockshim-keeper"));
	status = fopen(path, "re");
	assert_non_null(status);
	while (fgets(line, sizeof line, status))
		sscanf(line, "VmRSS: %d", &kilobytes);
	fclose(status);
	assert_in_range(kilobytes, 1, 99);
	close(fd);
	await_free(place->file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_keeper_adds_no_descriptor),
		place_test(test_preload_keeper_adds_no_descriptor_while_it_waits),
		place_test(test_preload_keeper_is_no_child),
		place_test(test_preload_keeper_is_no_child_of_a_subreaper),
		place_test(test_preload_keeper_keeps_the_hosts_posix_lock),
		place_test(test_preload_keeper_holds_no_pipe),
		place_test(test_preload_keeper_holds_no_pipe_while_it_waits),
		place_test(test_preload_keeper_is_not_in_the_group),
		place_test(test_preload_keeper_is_small),
	};

	if (getenv("TEST_EMULATOR"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
