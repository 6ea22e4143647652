/* SPDX-License-Identifier: MIT
 * A keeper whose lock became shared is to leave, and gets no processor: a tracer stops it before
 * its last wait. Whoever wants the lock next waits for it, and is not refused. */
#include "tests/preload/keeper_find.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "shim/keeper_calls.h"

#define INTERRUPTED 1000 /* and more times granted */

/* The other side of HEAR and TELL is the tracer. */
struct starved {
	pid_t tracer;
	int hear, tell;
};

enum release { AT_ONCE, ONCE_WANTED };

static void read_locks(pid_t pid, int fd, char *text, size_t room)
{
	char path[64];
	ssize_t size = -1;
	int file;

	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)pid, fd);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0)
		size = read(file, text, room - 1);
	close(file);
	text[size < 0 ? 0 : size] = '\0';
}

/* LIFE is the last byte of all. */
static bool holds_life(pid_t pid, int fd)
{
	char text[2048];

	read_locks(pid, fd, text, sizeof text);
	return strstr(text, "EOF");
}

static bool is_divided(int fd)
{
	char text[2048];
	const char *first;

	read_locks(getpid(), fd, text, sizeof text);
	first = strstr(text, "lock:");
	return first && strstr(first + 1, "lock:");
}

/* At the third of its calls after the bell; what it did before may have been begun again. */
static bool waits_for_life(pid_t keeper, int *tried)
{
	struct __ptrace_syscall_info info = { .op = PTRACE_SYSCALL_INFO_NONE };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, keeper, (void *)sizeof info, &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != KEEPER_FCNTL)
		return false;
	*tried += info.entry.args[1] == F_OFD_SETLK;
	return *tried == 2 && info.entry.args[1] == F_OFD_SETLKW;
}

static void stop_before_life(pid_t keeper)
{
	int tried = 0, status;

	while (waitpid(keeper, &status, __WALL) == keeper && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) && waits_for_life(keeper, &tried))
			return;
		ptrace(PTRACE_SYSCALL, keeper, NULL, NULL);
	}
	_exit(2);
}

static void trace(pid_t keeper, int fd, int hear, int tell)
{
	pid_t holder = getppid();
	char release;

	bounded_wait();
	close(fd);
	if (ptrace(PTRACE_SEIZE, keeper, NULL, (void *)PTRACE_O_TRACESYSGOOD) ||
	    ptrace(PTRACE_INTERRUPT, keeper, NULL, NULL))
		_exit(1);
	if (write(tell, "a", 1) != 1)
		_exit(1);
	stop_before_life(keeper);
	if (write(tell, "s", 1) != 1 || read(hear, &release, 1) != 1)
		_exit(1);
	while (release == ONCE_WANTED && holds_life(holder, fd))
		sched_yield();
	/* Longer than is waited where no keeper is known to leave. */
	if (release == ONCE_WANTED)
		poll(NULL, 0, 100);
	_exit(ptrace(PTRACE_DETACH, keeper, NULL, NULL) != 0);
}

static struct starved starve(const char *path, int fd)
{
	pid_t keeper = user_of(path, "lockshim-keeper");
	struct starved starved;
	int to[2], from[2];
	char told;

	assert_true(keeper > 0);
	assert_int_equal(pipe(to) | pipe(from), 0);
	starved.tracer = fork();
	assert_return_code(starved.tracer, errno);
	if (!starved.tracer) {
		close(from[0]);
		trace(keeper, fd, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	starved.hear = from[0];
	starved.tell = to[1];
	if (read(starved.hear, &told, 1) != 1) {
		puts("no process may be traced here");
		skip_here();
	}
	return starved;
}

/* From here on it stands before its last wait. */
static void await_starved(const struct starved *starved)
{
	char told;

	assert_int_equal(read(starved->hear, &told, 1), 1);
	assert_int_equal(told, 's');
}

static void release(const struct starved *starved, enum release when)
{
	char told = (char)when;

	assert_int_equal(write(starved->tell, &told, 1), 1);
}

static void finish(const struct starved *starved)
{
	int status;

	assert_int_equal(waitpid(starved->tracer, &status, 0), starved->tracer);
	assert_int_equal(status, 0);
	close(starved->hear);
	close(starved->tell);
}

/* A shared lock that was exclusive; its keeper is starved. */
static int downgrade(const struct place *place, struct starved *starved)
{
	int fd = must_open(place->file, O_RDONLY);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	*starved = starve(place->file, fd);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	await_starved(starved);
	assert_held(place->file, LOCK_SH);
	return fd;
}

static void need_keepers(void)
{
	need_no_emulator("the keeper's clone");
	if (!shimmed())
		skip();
	bounded_wait();
}

static void upgrade_now(const struct place *place)
{
	struct starved starved;
	int fd = downgrade(place, &starved);

	release(&starved, ONCE_WANTED);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_held(place->file, LOCK_EX);
	finish(&starved);
	close(fd);
	await_free(place->file);
}

static void test_preload_keeper_starved_upgrade(void **state)
{
	need_keepers();
	upgrade_now(*state);
	alarm(0);
}

static void test_preload_keeper_starved_unlock(void **state)
{
	const struct place *place = *state;
	struct starved starved;
	int fd;

	need_keepers();
	fd = downgrade(place, &starved);
	release(&starved, ONCE_WANTED);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_free(place->file);
	finish(&starved);
	close(fd);
	alarm(0);
}

/* Nobody saw the close: who comes next waits. */
static void test_preload_keeper_starved_close(void **state)
{
	static const int flags[] = { O_RDWR, O_RDONLY };
	const struct place *place = *state;
	struct starved starved;
	size_t i;
	int fd;

	need_keepers();
	for (i = 0; i < 2; i++) {
		fd = downgrade(place, &starved);
		release(&starved, ONCE_WANTED);
		close(fd);
		fd = must_open(place->file, flags[i]);
		assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
		assert_held(place->file, LOCK_EX);
		close(fd);
		finish(&starved);
		await_free(place->file);
	}
	alarm(0);
}

/* The keeper stays for another reader. That one lets it go when it wants the lock for itself. */
static void take_as_the_last_reader(const struct place *place, int operation)
{
	struct starved starved;
	int fd = downgrade(place, &starved), last = must_open(place->file, O_RDWR);

	assert_int_equal(flock(last, LOCK_SH), 0);
	release(&starved, AT_ONCE);
	finish(&starved);
	close(fd);
	assert_int_equal(flock(last, operation), 0);
	assert_held(place->file, LOCK_EX);
	close(last);
	await_free(place->file);
}

static void test_preload_keeper_starved_last_reader(void **state)
{
	need_keepers();
	take_as_the_last_reader(*state, LOCK_EX | LOCK_NB);
	take_as_the_last_reader(*state, LOCK_EX);
	alarm(0);
}

struct leaving {
	struct outsider reader;
	int fd;
	bool upgrades; /* FD waits with its lock in two pieces */
};

static void *leave_once_wanted(void *argument)
{
	struct leaving *leaving = argument;

	while (leaving->upgrades ? !is_divided(leaving->fd) : holds_life(getpid(), leaving->fd))
		sched_yield();
	outsider_stop(&leaving->reader);
	return NULL;
}

static void upgrade_while_one_leaves(const struct place *place, struct leaving *leaving)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, leave_once_wanted, leaving), 0);
	assert_int_equal(flock(leaving->fd, LOCK_EX), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_held(place->file, LOCK_EX);
	close(leaving->fd);
	await_free(place->file);
}

/* The other reader kept it from leaving, and our own shared lock stays while we wait. */
static void upgrade_beside_a_reader(const struct place *place)
{
	struct starved starved;
	struct leaving leaving = { .fd = downgrade(place, &starved), .upgrades = false };

	leaving.reader = outsider_hold(place->file, own_family(), LOCK_SH);
	release(&starved, AT_ONCE);
	finish(&starved);
	upgrade_while_one_leaves(place, &leaving);
}

/* It waits as the reader that it is, and lets the keeper go once the third has left. */
static void upgrade_beside_two_readers(const struct place *place)
{
	struct starved starved;
	struct leaving leaving;
	int fd = downgrade(place, &starved);

	leaving.fd = must_open(place->file, O_RDWR);
	leaving.upgrades = true;
	assert_int_equal(flock(leaving.fd, LOCK_SH), 0);
	leaving.reader = outsider_hold(place->file, own_family(), LOCK_SH);
	release(&starved, AT_ONCE);
	finish(&starved);
	close(fd);
	upgrade_while_one_leaves(place, &leaving);
}

/* Reads, or asks for all of it, until it is killed. Counts what it was granted. */
static pid_t pester(const char *path, int flags, int operation, unsigned *granted)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	bounded_wait();
	fd = open(path, flags);
	for (;;) {
		if (!flock(fd, operation | LOCK_NB))
			__atomic_add_fetch(granted, 1, __ATOMIC_SEQ_CST);
		poll(NULL, 0, 1);
		flock(fd, LOCK_UN);
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void nothing(int number)
{
	(void)number;
}

static unsigned interrupt_upgrades(int fd)
{
	const struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = nothing };
	unsigned round, interrupted = 0;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (round = 0; round < INTERRUPTED; round++)
		if (flock(fd, LOCK_EX))
			interrupted++;
		else
			while (flock(fd, LOCK_SH))
				;
	setitimer(ITIMER_REAL, &never, NULL);
	return interrupted;
}

/* Whatever comes in between, one shared lock stays: nobody else gets an exclusive one. */
static void interrupt_atomically(const struct place *place)
{
	unsigned *granted = mmap(NULL, 2 * sizeof *granted, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = must_open(place->file, O_RDONLY);
	pid_t reads, asks;

	need_keepers();
	alarm(0);
	assert_ptr_not_equal(granted, MAP_FAILED);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	asks = pester(place->file, O_RDONLY, LOCK_EX, &granted[0]);
	reads = pester(place->file, O_RDWR, LOCK_SH, &granted[1]);
	assert_true(interrupt_upgrades(fd) > 0);
	end(asks);
	end(reads);
	close(fd);
	assert_int_equal(granted[0], 0);
	assert_true(granted[1] > 0);
}

static void test_preload_keeper_interrupted_atomic_upgrade(void **state)
{
	if (!shimmed())
		skip();
	assert_scenario("interrupted", *state, "LOCKSHIM_SET=flock=ofd;upgrade=atomic", NULL);
}

static void upgrade_atomically(const struct place *place)
{
	need_keepers();
	upgrade_now(place);
	upgrade_beside_a_reader(place);
	take_as_the_last_reader(place, LOCK_EX | LOCK_NB);
	take_as_the_last_reader(place, LOCK_EX);
	upgrade_beside_two_readers(place);
	alarm(0);
}

static void test_preload_keeper_starved_atomic_upgrade(void **state)
{
	if (!shimmed())
		skip();
	assert_scenario("atomic", *state, "LOCKSHIM_SET=flock=ofd;upgrade=atomic", NULL);
}

int main(int argc, char **argv)
{
	static const struct scenario scenarios[] = { { "atomic", upgrade_atomically },
						     { "interrupted", interrupt_atomically },
						     { 0 } };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_keeper_starved_upgrade),
		place_test(test_preload_keeper_starved_unlock),
		place_test(test_preload_keeper_starved_close),
		place_test(test_preload_keeper_starved_last_reader),
		place_test(test_preload_keeper_starved_atomic_upgrade),
		place_test(test_preload_keeper_interrupted_atomic_upgrade),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
