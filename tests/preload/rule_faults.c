/* SPDX-License-Identifier: MIT
 * Locks that were once lost under upgrade = atomic and flock = both, by requests that change
 * nothing for who holds them. */
#include "tests/preload/common.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#define HANGS 500
#define ROUNDS 10
#define TRIES 3000

static enum outsider_family own_family(void)
{
	return shimmed() ? BY_OFD : BY_FLOCK;
}

/* Natively the shared lock is lost, as the manual of flock says. */
static void refused_upgrade_beside_fcntl(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	struct flock record = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 10 };
	struct outsider holder;

	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	holder = outsider_hold(place->file, own_family(), LOCK_SH);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	outsider_stop(&holder);
	record.l_type = F_UNLCK;
	assert_int_equal(fcntl(fd, F_SETLK, &record), 0);
	if (shimmed())
		assert_held(place->file, LOCK_SH);
	else
		assert_free(place->file);
}

static void nothing(int number)
{
	(void)number;
}

struct waiter {
	int fd, error, done;
};

static void *wait_for_exclusive(void *argument)
{
	struct waiter *waiter = argument;

	waiter->error = flock(waiter->fd, LOCK_EX) ? errno : 0;
	__atomic_store_n(&waiter->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Who upgrades polls, and has a byte less than the file meanwhile. */
static unsigned pieces_of(int fd)
{
	char path[64], line[256];
	unsigned locks = 0;
	FILE *info;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	assert_non_null(info);
	while (fgets(line, sizeof line, info))
		locks += !strncmp(line, "lock:", 5);
	fclose(info);
	return locks;
}

static void await_upgrade(const struct place *place, int fd)
{
	if (!shimmed()) {
		outsider_await_waiter(place->file);
		return;
	}
	while (pieces_of(fd) < 2)
		sched_yield();
}

/* One thread waits; another is granted the lock through the same description; the first is
 * interrupted. */
static void interrupt_one_of_two(const struct place *place)
{
	struct waiter waiter = { .fd = must_open(place->file, O_RDWR) };
	struct outsider holder;
	pthread_t thread;

	assert_int_equal(flock(waiter.fd, LOCK_SH), 0);
	holder = outsider_hold(place->file, own_family(), LOCK_SH);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_exclusive, &waiter), 0);
	await_upgrade(place, waiter.fd);
	outsider_stop(&holder);
	assert_int_equal(flock(waiter.fd, LOCK_EX | LOCK_NB), 0);
	while (!__atomic_load_n(&waiter.done, __ATOMIC_SEQ_CST)) {
		pthread_kill(thread, SIGUSR1);
		sched_yield();
	}
	pthread_join(thread, NULL);
	assert_true(!waiter.error || waiter.error == EINTR);
	assert_held(place->file, LOCK_EX);
	close(waiter.fd);
	assert_free(place->file);
}

static void interrupted_upgrade(const struct place *place)
{
	struct sigaction action = { .sa_handler = nothing };
	int round;

	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	for (round = 0; round < ROUNDS; round++)
		interrupt_one_of_two(place);
}

/* The second one's byte may be the first one's too: then nothing shows that it waits. */
static void two_upgrade_one_description(const struct place *place)
{
	struct waiter waiters[2] = { { .fd = must_open(place->file, O_RDWR) } };
	struct outsider holder;
	pthread_t threads[2];
	int i, turn;

	waiters[1].fd = waiters[0].fd;
	assert_int_equal(flock(waiters[0].fd, LOCK_SH), 0);
	holder = outsider_hold(place->file, own_family(), LOCK_SH);
	for (i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, wait_for_exclusive, &waiters[i]),
				 0);
		await_upgrade(place, waiters[0].fd);
	}
	for (turn = 0; turn < 1000 && shimmed() && pieces_of(waiters[0].fd) < 3; turn++)
		sched_yield();
	outsider_stop(&holder);
	for (i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(waiters[i].error, 0);
	}
	assert_held(place->file, LOCK_EX);
}

struct poll {
	unsigned tries, granted;
};

static pid_t poll_natively(const char *path, struct poll *poll)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	alarm(HANGS);
	fd = open(path, O_RDWR | O_CLOEXEC);
	for (;; __atomic_add_fetch(&poll->tries, 1, __ATOMIC_SEQ_CST))
		if (!outsider_call(fd, BY_FLOCK, LOCK_EX, false)) {
			__atomic_add_fetch(&poll->granted, 1, __ATOMIC_SEQ_CST);
			outsider_call(fd, BY_FLOCK, LOCK_UN, false);
		}
}

static void held_is_granted_again(const struct place *place)
{
	struct poll *poll =
		mmap(NULL, sizeof *poll, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = must_open(place->file, O_RDONLY), refused = 0, asked;
	pid_t pid;

	assert_ptr_not_equal(poll, MAP_FAILED);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	pid = poll_natively(place->file, poll);
	for (asked = 0; asked < TRIES || __atomic_load_n(&poll->tries, __ATOMIC_SEQ_CST) < TRIES;
	     asked++)
		refused += flock(fd, LOCK_EX | LOCK_NB) != 0;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(refused, 0);
	assert_int_equal(poll->granted, 0);
	assert_int_equal(outsider_try(place->file, BY_OFD, LOCK_SH), REFUSED_UNDER_SHIM);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
}

static void test_preload_atomic_refusal_beside_fcntl_keeps_the_shared_lock(void **state)
{
	assert_scenario("fcntl", *state, "LOCKSHIM_SET=flock=ofd;upgrade=atomic", NULL);
}

static void test_preload_interrupted_atomic_upgrade_leaves_the_exclusive_lock(void **state)
{
	assert_scenario("signal", *state, "LOCKSHIM_SET=flock=ofd;upgrade=atomic", NULL);
}

static void test_preload_atomic_upgrade_by_two_threads(void **state)
{
	assert_scenario("threads", *state, "LOCKSHIM_SET=flock=ofd;upgrade=atomic", NULL);
}

static void test_preload_both_held_is_granted_again(void **state)
{
	need_no_emulator("the keeper's clone");
	assert_scenario("both", *state, "LOCKSHIM_SET=flock=both", NULL);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "fcntl", refused_upgrade_beside_fcntl },
		{ "signal", interrupted_upgrade },
		{ "threads", two_upgrade_one_description },
		{ "both", held_is_granted_again },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_atomic_refusal_beside_fcntl_keeps_the_shared_lock),
		place_test(test_preload_interrupted_atomic_upgrade_leaves_the_exclusive_lock),
		place_test(test_preload_atomic_upgrade_by_two_threads),
		place_test(test_preload_both_held_is_granted_again),
	};

	alarm(HANGS);
	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
