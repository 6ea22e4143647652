/* SPDX-License-Identifier: MIT
 * The lock lives exactly as long as the original description, whoever holds it and however it is
 * let go: by ways that no wrapper sees too. */
#include "tests/preload/keeper_find.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static struct {
	int up[2], go[2]; /* the holder's word that it holds, ours that it may go on */
	const char *file;
} line;

static void say(void)
{
	if (write(line.up[1], "h", 1) != 1)
		_exit(90);
}

/* Also at the end of the pipe. */
static void listen_for_go(void)
{
	char word;

	(void)!read(line.go[0], &word, 1);
}

static _Noreturn void stay(void)
{
	for (;;)
		pause();
}

static _Noreturn void become_cat(void)
{
	dup2(line.go[0], 0);
	dup2(line.up[1], 1);
	say();
#ifndef __GLIBC__
	/* The machine's programs are another libc's, and can't load this shim. */
	unsetenv("LD_PRELOAD");
#endif
	execl("/bin/cat", "cat", (char *)NULL);
	_exit(91);
}

static void close_it(int fd)
{
	close(fd);
}

static void close_raw(int fd)
{
	syscall(SYS_close, fd);
}

static void close_all_twins(int fd)
{
	int twin = dup(fd);

	close(fd);
	close(twin);
}

static void replace(int fd)
{
	dup2(0, fd);
}

static void close_by_range(int fd)
{
	if (syscall(SYS_close_range, fd, fd, 0))
		close(fd);
}

static void leave(int fd)
{
	(void)fd;
	exit(0);
}

static void leave_at_once(int fd)
{
	(void)fd;
	_exit(0);
}

static void be_killed(int fd)
{
	(void)fd;
	raise(SIGKILL);
}

static void exec_without(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	become_cat();
}

static void unlock_in_child(int fd)
{
	pid_t pid = fork();

	if (!pid)
		_exit(flock(fd, LOCK_UN) ? 1 : 0);
	waitpid(pid, NULL, 0);
}

static _Noreturn void host(const struct kept *how, void (*then)(int fd), bool wait)
{
	int fd = open(line.file, how->flags);

	close(line.up[0]);
	close(line.go[1]);
	if (flock(fd, how->operation))
		_exit(92);
	say();
	if (wait)
		listen_for_go();
	then(fd);
	stay();
}

static pid_t start_host(const struct place *place, const struct kept *how, void (*then)(int fd),
			bool wait)
{
	char word;
	pid_t pid;

	line.file = place->file;
	assert_int_equal(pipe(line.up) | pipe(line.go), 0);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid)
		host(how, then, wait);
	close(line.up[1]);
	close(line.go[0]);
	assert_int_equal(read(line.up[0], &word, 1), 1);
	return pid;
}

static void stop_host(pid_t pid)
{
	close(line.up[0]);
	close(line.go[1]);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_preload_keeper_ends_with_the_description(void **state)
{
	void (*const ends[])(int) = { close_it,       close_raw,      close_all_twins, replace,
				      close_by_range, leave,          leave_at_once,   be_killed,
				      exec_without,   unlock_in_child };
	const struct place *place = *state;
	size_t i;
	pid_t pid;

	for (i = 0; i < 2 * sizeof ends / sizeof ends[0]; i++) {
		pid = start_host(place, &kept[i & 1], ends[i / 2], true);
		assert_held(place->file, kept[i & 1].operation);
		assert_int_equal(write(line.go[1], "g", 1), 1);
		await_free(place->file);
		stop_host(pid);
	}
}

static void close_twin(int fd)
{
	close(dup(fd));
	say();
	listen_for_go();
	_exit(0);
}

static void close_first(int fd)
{
	int twin = dup(fd);

	close(fd);
	say();
	listen_for_go();
	close(twin);
}

static void close_unrelated(int fd)
{
	(void)fd;
	close(open(line.file, O_RDONLY));
	say();
	listen_for_go();
	_exit(0);
}

static void leave_a_child(int fd)
{
	(void)fd;
	if (fork())
		_exit(0);
	say();
	listen_for_go();
	_exit(0);
}

static void exec_with(int fd)
{
	fcntl(fd, F_SETFD, 0);
	become_cat();
}

static void exec_unpreloaded(int fd)
{
	unsetenv("LD_PRELOAD");
	exec_with(fd);
}

static void give(int to, int fd)
{
	char room[CMSG_SPACE(sizeof fd)] = { 0 }, word = 'x';
	struct iovec text = { &word, 1 };
	struct msghdr message = { .msg_iov = &text,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof room };
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(part), &fd, sizeof fd);
	if (sendmsg(to, &message, 0) != 1)
		_exit(93);
}

static _Noreturn void receive(int from)
{
	char room[CMSG_SPACE(sizeof(int))], word;
	struct iovec text = { &word, 1 };
	struct msghdr message = { .msg_iov = &text,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof room };

	if (recvmsg(from, &message, 0) != 1)
		_exit(94);
	/* The end of the stream: the sender is gone. */
	(void)!read(from, &word, 1);
	say();
	listen_for_go();
	_exit(0);
}

static void send_and_leave(int fd)
{
	int pair[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	if (!fork()) {
		close(fd);
		close(pair[0]);
		receive(pair[1]);
	}
	give(pair[0], fd);
	_exit(0);
}

static void test_preload_keeper_stays_with_the_heir(void **state)
{
	void (*const heirs[])(int) = { close_twin, close_first,      close_unrelated, leave_a_child,
				       exec_with,  exec_unpreloaded, send_and_leave };
	const struct place *place = *state;
	char word;
	size_t i;
	pid_t pid;

	for (i = 0; i < 2 * sizeof heirs / sizeof heirs[0]; i++) {
		pid = start_host(place, &kept[i & 1], heirs[i / 2], false);
		assert_int_equal(read(line.up[0], &word, 1), 1);
		assert_held(place->file, kept[i & 1].operation);
		assert_int_equal(write(line.go[1], "g", 1), 1);
		close(line.go[1]);
		line.go[1] = -1;
		await_free(place->file);
		stop_host(pid);
	}
}

/* Its descriptor is gone before its lock is. The marks of an exclusive one's original stay. */
static pid_t kill_keeper(const char *path, int operation)
{
	pid_t keeper = user_of(path, "lockshim-keeper");

	assert_int_not_equal(keeper, 0);
	assert_int_equal(kill(keeper, SIGKILL), 0);
	while (user_of(path, "lockshim-keeper") == keeper)
		;
	while (outsider_try(path, BY_OFD, operation == LOCK_EX ? LOCK_SH : LOCK_EX) == EAGAIN)
		;
	return keeper;
}

/* The lock goes with it; the next request takes it anew, and no mark of the old one is left. */
static void test_preload_keeper_that_was_killed_is_replaced(void **state)
{
	const struct place *place = *state;
	size_t i;

	if (!shimmed())
		skip();
	for (i = 0; i < 2; i++) {
		int fd = must_open(place->file, kept[i].flags);

		assert_int_equal(flock(fd, kept[i].operation), 0);
		kill_keeper(place->file, kept[i].operation);
		assert_int_equal(flock(fd, kept[i].operation | LOCK_NB), 0);
		assert_held(place->file, kept[i].operation);
		assert_int_equal(flock(fd, LOCK_UN), 0);
		await_free(place->file);
		assert_int_equal(flock(fd, kept[i].operation), 0);
		kill_keeper(place->file, kept[i].operation);
		close(fd);
		assert_free(place->file);
	}
}

/* What a unit or a session is sent as a whole. */
static void test_preload_keeper_minds_no_signal(void **state)
{
	const struct place *place = *state;
	int fd = must_open(place->file, O_RDONLY), number;
	pid_t keeper;

	if (!shimmed())
		skip();
	assert_int_equal(flock(fd, LOCK_EX), 0);
	keeper = user_of(place->file, "lockshim-keeper");
	assert_int_not_equal(keeper, 0);
	for (number = 1; number < 32; number++)
		if (number != SIGKILL && number != SIGSTOP)
			assert_int_equal(kill(keeper, number), 0);
	assert_int_equal(user_of(place->file, "lockshim-keeper"), keeper);
	assert_held(place->file, LOCK_EX);
	close(fd);
	await_free(place->file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_keeper_ends_with_the_description),
		place_test(test_preload_keeper_stays_with_the_heir),
		place_test(test_preload_keeper_that_was_killed_is_replaced),
		place_test(test_preload_keeper_minds_no_signal),
	};

	signal(SIGPIPE, SIG_IGN);
	if (getenv("TEST_EMULATOR"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
