/* SPDX-License-Identifier: MIT
 * The trace through a process's life: children of every kind, exec, threads, handlers, and ways out
 * of the directory's reach. */
#include "tests/preload/traced.h"

#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define PASS "LOCKSHIM_SET=trace=all"

#define EX "lock flock exclusive flock flock blocking\n"
#define UN "release flock unlock flock flock held\n"

static void lock_and_unlock(const char *path)
{
	int fd = open(path, O_RDWR);

	if (fd < 0 || flock(fd, LOCK_EX) || flock(fd, LOCK_UN))
		_exit(1);
	close(fd);
}

static void await(pid_t pid)
{
	int status;

	assert_return_code(pid, errno);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A child's events come after the parent's first, and before its last. */
static void forks(const struct place *place)
{
	pid_t pid;

	lock_and_unlock(place->file);
	pid = fork();
	if (!pid) {
		lock_and_unlock(place->file);
		_exit(0);
	}
	await(pid);
	lock_and_unlock(place->file);
}

static void test_preload_traced_forks(void **state)
{
	assert_traced("forks", *state, PASS, EX UN EX UN EX UN);
}

static void raw_forks(const struct place *place)
{
	pid_t pid;

	lock_and_unlock(place->file);
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (!pid) {
		lock_and_unlock(place->file);
		_exit(0);
	}
	await(pid);
	lock_and_unlock(place->file);
}

static void test_preload_traced_raw_forks(void **state)
{
	need_no_emulator("MADV_WIPEONFORK is answered and not heeded");
	assert_traced("raw_forks", *state, PASS, EX UN EX UN EX UN);
}

/* One exits with FD, one closes it. */
static void children_come_and_go(int fd)
{
	pid_t pid = fork();

	if (!pid)
		exit(0);
	await(pid);
	pid = fork();
	if (!pid) {
		close(fd);
		_exit(0);
	}
	await(pid);
}

/* The lock goes on in the child, and the child's end is not the lock's. */
static void inheritance(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	pid_t pid;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	children_come_and_go(fd);
	pid = fork();
	if (!pid)
		_exit(flock(fd, LOCK_UN));
	await(pid);
}

static void test_preload_traced_inheritance(void **state)
{
	assert_traced("inheritance", *state, PASS,
		      "lock flock exclusive flock flock blocking\n"
		      "release flock unlock flock flock held shared\n"
		      "release exit unlock flock flock held shared\n");
}

/* Its memory is ours, but not its descriptors: what it closes is still held here. */
static void vforks(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), status;
	pid_t pid;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	pid = vfork();
	if (!pid) {
		close(fd);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void test_preload_traced_vforks(void **state)
{
#ifdef __SANITIZE_THREAD__ /* its vfork is a fork */
	skip();
#endif
	assert_traced("vforks", *state, PASS, EX UN);
}

static void *lock_in_a_thread(void *path)
{
	lock_and_unlock(path);
	return NULL;
}

static void threads(const struct place *place)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 200; i++) {
		assert_int_equal(pthread_create(&thread, NULL, lock_in_a_thread,
						(void *)(uintptr_t)place->file),
				 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
}

static unsigned lines_of(const char *text, const char *line)
{
	unsigned count = 0;
	size_t len = strlen(line);

	for (; (text = strstr(text, line)); text += len)
		count++;
	return count;
}

static void test_preload_traced_threads(void **state)
{
	const struct place *place = *state;

	run_traced("threads", place, PASS);
	assert_int_equal(lines_of(traced_lines(place), EX), 200);
	assert_int_equal(lines_of(traced_lines(place), UN), 200);
}

#define HANDLED 300
#define CALLS 3000 /* and as many closes */

static const char *handled_file;
static volatile sig_atomic_t handled;

static void handle(int number)
{
	(void)number;
	lock_and_unlock(handled_file);
	handled++;
}

/* The thread sanitizer runs handlers at the next call. */
static void await_handled(int number)
{
	while (handled < number)
		(void)poll(NULL, 0, 0);
}

/* The next one, some microseconds on, by a timer that need not be as fine as that. */
static void handle_next(int number)
{
	const struct itimerval once = { { 0, 0 }, { 0, 1 << number % 8 } };

	await_handled(number);
	setitimer(ITIMER_REAL, &once, NULL);
}

/* The handler comes anywhere, in the midst of an event too: once in ten rounds. */
static void handlers(const struct place *place)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	int fd = must_open(place->file, O_RDWR), round;

	handled_file = place->file;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	close(fd);
	for (round = 0; round < CALLS; round++) {
		if (round % (CALLS / HANDLED) == 0)
			handle_next(round / (CALLS / HANDLED));
		fd = open(place->file, O_RDWR);
		if (record(fd, F_OFD_SETLK, F_RDLCK, 0, 1))
			break;
		close(fd);
	}
	await_handled(HANDLED);
}

static void test_preload_traced_handlers(void **state)
{
	const struct place *place = *state;
	unsigned locks, closes;

	run_traced("handlers", place, PASS);
	locks = lines_of(traced_lines(place), "lock ofd shared OFD OFD 0+1\n");
	closes = lines_of(traced_lines(place), "release close unlock OFD OFD held 0+1\n");
	assert_int_equal(lines_of(traced_lines(place), EX), HANDLED);
	assert_int_equal(locks, CALLS);
	assert_in_range(closes, locks - HANDLED, locks); /* a time of holding may be missing */
}

/* The directory is root's, and out of sight. */
static void leaves(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	pid_t pid;

	if (geteuid())
		skip_here();
	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_return_code(chroot("/proc/self"), errno);
	assert_return_code(setgroups(0, NULL), errno);
	assert_return_code(setuid(65534), errno);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	pid = fork();
	if (!pid)
		_exit(flock(fd, LOCK_EX) || flock(fd, LOCK_UN)); /* untraced, and none the worse */
	await(pid);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
}

static void test_preload_traced_leaves(void **state)
{
	const struct place *place = *state;

	run_traced("leaves", place, PASS);
	assert_int_equal(lines_of(traced_lines(place), "lock flock exclusive flock flock blocking"),
			 2);
}

/* An OFD lock that the child inherits is the parent's to let go of. */
static void sections_of_a_parent(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
	children_come_and_go(fd);
	assert_int_equal(record(fd, F_OFD_SETLK, F_UNLCK, 0, 0), 0);
}

static void test_preload_traced_sections_of_a_parent(void **state)
{
	assert_traced("sections_of_a_parent", *state, PASS,
		      "lock ofd exclusive OFD OFD\n"
		      "release ofd unlock OFD OFD held shared\n");
}

static void *lock_by_record(void *fd)
{
	for (;;) {
		record((int)(intptr_t)fd, F_SETLKW, F_WRLCK, 0, 1);
		record((int)(intptr_t)fd, F_SETLK, F_UNLCK, 0, 1);
	}
	return NULL;
}

static void *lock_by_lockf(void *fd)
{
	while (!lockf((int)(intptr_t)fd, F_LOCK, 1))
		(void)!lockf((int)(intptr_t)fd, F_ULOCK, 1);
	return NULL;
}

/* libc's calls that wait are where a thread can be cancelled, also where there is nothing to wait
 * for. */
static void cancelled(const struct place *place)
{
	void *(*const loops[])(void *fd) = { lock_by_record, lock_by_lockf };
	int fd = must_open(place->file, O_RDWR);
	pthread_t thread;
	void *result;
	size_t i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&thread, NULL, loops[i], (void *)(intptr_t)fd), 0);
		assert_int_equal(pthread_cancel(thread), 0);
		assert_int_equal(pthread_join(thread, &result), 0);
		assert_ptr_equal(result, PTHREAD_CANCELED);
	}
}

static void test_preload_traced_thread_is_cancelled(void **state)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* they take what a cancelled thread leaves on its stack for faults, bare too */
#endif
	cancelled(*state);
	run_traced("cancelled", *state, PASS);
}

static int raced;

static void *lock_the_raced(void *context)
{
	int i;

	(void)context;
	for (i = 0; i < 200000; i++)
		(void)flock(raced, LOCK_EX | LOCK_NB);
	return NULL;
}

/* One thread locks by a number that another one replaces. */
static void replaced_number(const struct place *place)
{
	int other = must_open(place->file, O_RDWR), holder = must_open(place->file, O_RDWR);
	pthread_t thread;

	raced = must_open(place->file, O_RDWR);
	assert_int_equal(flock(holder, LOCK_SH), 0);
	assert_int_equal(pthread_create(&thread, NULL, lock_the_raced, NULL), 0);
	while (pthread_tryjoin_np(thread, NULL))
		assert_int_equal(dup2(other, raced), raced);
}

static void test_preload_traced_number_that_is_replaced(void **state)
{
#ifdef __SANITIZE_THREAD__
	skip(); /* what is remembered of a number is no lock's: who loses the race tells old facts
		 */
#endif
	run_traced("replaced_number", *state, PASS);
}

static void becomes_another(const struct place *place)
{
	const char *argv[] = { "/proc/self/exe", "pair_again", place->directory, NULL };

	lock_and_unlock(place->file);
	execv(runnable(argv)[0], (char *const *)(uintptr_t)runnable(argv));
	fail();
}

static void pair_again(const struct place *place)
{
	lock_and_unlock(place->file);
}

static void test_preload_traced_exec(void **state)
{
	need_no_emulator("it executes itself by /proc/self/exe");
	assert_traced("becomes_another", *state, PASS, EX UN EX UN);
}

static void hazard(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), other;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	other = must_open(place->file, O_RDONLY);
	close(other);
}

static void test_preload_traced_hazard(void **state)
{
	assert_traced("hazard", *state, "LOCKSHIM_SET=flock=posix;trace=errors",
		      "hazard other unlock none none close\n");
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "forks", forks },
		{ "inheritance", inheritance },
		{ "vforks", vforks },
		{ "threads", threads },
		{ "handlers", handlers },
		{ "leaves", leaves },
		{ "sections_of_a_parent", sections_of_a_parent },
		{ "replaced_number", replaced_number },
		{ "cancelled", cancelled },
		{ "hazard", hazard },
		{ "becomes_another", becomes_another },
		{ "pair_again", pair_again },
		{ "raw_forks", raw_forks },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_traced_forks),
		place_test(test_preload_traced_raw_forks),
		place_test(test_preload_traced_inheritance),
		place_test(test_preload_traced_vforks),
		place_test(test_preload_traced_threads),
		place_test(test_preload_traced_handlers),
		place_test(test_preload_traced_leaves),
		place_test(test_preload_traced_sections_of_a_parent),
		place_test(test_preload_traced_number_that_is_replaced),
		place_test(test_preload_traced_thread_is_cancelled),
		place_test(test_preload_traced_exec),
		place_test(test_preload_traced_hazard),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
