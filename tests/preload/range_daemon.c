/* SPDX-License-Identifier: MIT
 * fcntl = ofd: a daemon that locks before it forks holds its lock throughout. */
#include "tests/preload/parts.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

static void *shared_words(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

static int lock(int fd, int command)
{
	return record(fd, command, F_WRLCK, 0, 0);
}

static int unlock(int fd)
{
	return record(fd, F_SETLK, F_UNLCK, 0, 0);
}

struct poller {
	pid_t pid;
	volatile unsigned *words; /* granted, tries */
};

static _Noreturn void poll_for_ever(const char *path, volatile unsigned *words)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;; words[1]++)
		if (!outsider_call(fd, BY_OFD, LOCK_SH, false)) {
			words[0]++;
			outsider_call(fd, BY_OFD, LOCK_UN, false);
		}
}

static struct poller poller_start(const char *path)
{
	struct poller poller = { .words = shared_words() };

	poller.pid = fork();
	if (!poller.pid)
		poll_for_ever(path, poller.words);
	return poller;
}

/* After two whole tries that began after this call: how often it was granted until now. */
static unsigned granted_until_now(const struct poller *poller)
{
	unsigned tries = poller->words[1];

	while (poller->words[1] - tries < 3)
		sched_yield();
	return poller->words[0];
}

static void poller_stop(struct poller *poller)
{
	kill(poller->pid, SIGKILL);
	assert_int_equal(waitpid(poller->pid, NULL, 0), poller->pid);
}

struct daemon {
	int ready[2], go[2]; /* pipes: a byte from it, a byte to it */
};

static bool said(int to)
{
	return write(to, "x", 1) == 1;
}

static bool heard(int from)
{
	char byte;

	return read(from, &byte, 1) == 1;
}

static void step(bool done)
{
	if (!done)
		_exit(1);
}

/* FORKS times away from who took the lock; each parent ends at once. */
static _Noreturn void become_daemon(const struct daemon *daemon, int fd, int forks)
{
	while (forks--)
		if (fork())
			_exit(0);
	step(heard(daemon->go[0]));
	step(!lock(fd, F_SETLK) && said(daemon->ready[1]) && heard(daemon->go[0]));
	step(!unlock(fd) && said(daemon->ready[1]) && heard(daemon->go[0]));
	_exit(0);
}

/* The last of them is an orphan, and this process's to wait for. */
static void daemonise(const struct place *place, int forks)
{
	struct daemon daemon;
	struct poller poller;
	int fd, i;
	pid_t first;

	need_no_emulator("PR_SET_CHILD_SUBREAPER");
	assert_int_equal(pipe(daemon.ready) | pipe(daemon.go), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	first = fork();
	if (!first) {
		close(daemon.ready[0]);
		close(daemon.go[1]);
		fd = open(place->file, O_RDWR | O_CLOEXEC);
		step(!lock(fd, F_SETLK) && said(daemon.ready[1]) && heard(daemon.go[0]));
		become_daemon(&daemon, fd, forks);
	}
	assert_true(heard(daemon.ready[0]));
	poller = poller_start(place->file);
	assert_int_equal(granted_until_now(&poller), 0);
	assert_true(said(daemon.go[1]));
	for (i = 0; i < forks; i++)
		assert_true(wait(NULL) > 0);
	if (shimmed())
		assert_int_equal(granted_until_now(&poller), 0);
	else
		assert_int_not_equal(granted_until_now(&poller), 0);
	poller_stop(&poller);
	assert_true(said(daemon.go[1]));
	assert_true(heard(daemon.ready[0]));
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_SH), EAGAIN);
	assert_true(said(daemon.go[1]));
	assert_true(heard(daemon.ready[0]));
	assert_int_equal(outsider_try(place->file, BY_POSIX, LOCK_EX), 0);
	assert_true(said(daemon.go[1]));
	assert_true(wait(NULL) > 0);
}

static void test_preload_daemon_keeps_and_asks_again_for_its_lock(void **state)
{
	daemonise(*state, 1);
}

static void test_preload_daemon_of_two_forks_keeps_its_lock(void **state)
{
	daemonise(*state, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_daemon_keeps_and_asks_again_for_its_lock),
		place_test(test_preload_daemon_of_two_forks_keeps_its_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
