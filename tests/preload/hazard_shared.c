/* SPDX-License-Identifier: MIT
 * A description by which two processes take OFD locks is told by name; what one process does with
 * its own is not. */
#include "tests/preload/hazard_acts.h"
#include "tests/preload/parts.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define OFD "LOCKSHIM_SET=flock=ofd"
#define NOTHING "LOCKSHIM_SET="
#define MOVED "LOCKSHIM_SET=ofd=posix"

static int ask(int fd)
{
	return record(fd, F_OFD_SETLK, F_WRLCK, 0, 0);
}

/* The exit status of a child that does ASK with FD. */
static int asked_in_a_child(int fd, int (*asks)(int fd))
{
	int status;
	pid_t pid = fork();

	assert_return_code(pid, errno);
	if (!pid)
		_exit(asks(fd) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void ask_for_the_parents(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(ask(fd), 0);
	assert_int_equal(asked_in_a_child(fd, ask), 0);
}

static int ask_for_another_part(int fd)
{
	return record(fd, F_OFD_SETLK, F_WRLCK, 100, 100);
}

static void ask_beside_the_parents(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(record(fd, F_OFD_SETLK, F_WRLCK, 0, 100), 0);
	assert_int_equal(asked_in_a_child(fd, ask_for_another_part), 0);
}

static void ask_for_what_was_let_go(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(ask(fd), 0);
	assert_int_equal(record(fd, F_OFD_SETLK, F_UNLCK, 0, 0), 0);
	assert_int_equal(asked_in_a_child(fd, ask), 0);
}

static const char *file_of_child;

static int ask_by_an_open(int fd)
{
	(void)fd;
	return !ask(must_open(file_of_child, O_RDWR));
}

static void ask_by_an_own_open(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	file_of_child = place->file;
	assert_int_equal(ask(fd), 0);
	assert_int_equal(asked_in_a_child(fd, ask_by_an_open), 0);
}

static void ask_again(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(ask(fd), 0);
	assert_int_equal(ask(fd), 0);
	assert_int_equal(ask(dup(fd)), 0);
}

static void ask_again_beside_a_child(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	pid_t pid;

	assert_int_equal(ask(fd), 0);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid) {
		pause();
		_exit(0);
	}
	assert_int_equal(ask(fd), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* As daemons do: the process that took the lock is gone. */
static _Noreturn void take_and_leave(int fd, int parent_is_gone, int done)
{
	char word;
	pid_t pid;

	if (ask(fd))
		_exit(1);
	pid = fork();
	if (pid)
		_exit(pid < 0);
	if (read(parent_is_gone, &word, 1) != 1 || ask(fd) || write(done, "y", 1) != 1)
		_exit(1);
	_exit(0);
}

static void ask_as_an_orphan(const struct place *place)
{
	int gone[2], done[2], status;
	char word;
	pid_t pid;

	assert_int_equal(pipe2(gone, O_CLOEXEC), 0);
	assert_int_equal(pipe2(done, O_CLOEXEC), 0);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid)
		take_and_leave(must_open(place->file, O_RDWR), gone[0], done[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(write(gone[1], "y", 1), 1);
	close(done[1]);
	assert_int_equal(read(done[0], &word, 1), 1);
}

union message_room {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static void pass_fd(int through, int *fd, bool send)
{
	union message_room room;
	char word = 'x';
	struct iovec text = { &word, 1 };
	struct msghdr message = { .msg_iov = &text,
				  .msg_iovlen = 1,
				  .msg_control = room.room,
				  .msg_controllen = sizeof room.room };

	memset(&room, 0, sizeof room);
	room.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
					.cmsg_level = SOL_SOCKET,
					.cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&room.header), fd, sizeof *fd);
	if (send) {
		assert_int_equal(sendmsg(through, &message, 0), 1);
		return;
	}
	if (recvmsg(through, &message, 0) != 1)
		_exit(99);
	memcpy(fd, CMSG_DATA(&room.header), sizeof *fd);
}

/* The child was there before the file was open. */
static int asked_where_it_is_sent(const struct place *place)
{
	int ends[2], fd = -1, status;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid) {
		pass_fd(ends[1], &fd, false);
		_exit(ask(fd) ? 1 : 0);
	}
	fd = must_open(place->file, O_RDWR);
	assert_int_equal(ask(fd), 0);
	pass_fd(ends[0], &fd, true);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void ask_for_what_is_sent(const struct place *place)
{
	assert_int_equal(asked_where_it_is_sent(place), 0);
}

/* The cure: the second process is refused. */
static void ask_as_posix(const struct place *place)
{
	assert_int_equal(asked_where_it_is_sent(place), shimmed() ? 1 : 0);
}

#define ACT(set, act, hazard)                                                                      \
	{                                                                                          \
#act, act, set, hazard                                                             \
	}

static const struct act sharings[] = {
	ACT(NOTHING, ask_for_the_parents, "shared-description"),
	ACT(NOTHING, ask_for_what_is_sent, "shared-description"),
	ACT(OFD, ask_for_what_is_sent, "shared-description"),
	ACT(MOVED, ask_as_posix, NULL),
	ACT(NOTHING, ask_beside_the_parents, NULL),
	ACT(NOTHING, ask_for_what_was_let_go, NULL),
	ACT(NOTHING, ask_by_an_own_open, NULL),
	ACT(NOTHING, ask_again, NULL),
	ACT(NOTHING, ask_again_beside_a_child, NULL),
	ACT(NOTHING, ask_as_an_orphan, NULL),
	{ NULL, NULL, NULL, NULL },
};

static void test_preload_shared_descriptions_are_named(void **state)
{
	assert_acts(sharings, *state);
}

int main(int argc, char **argv)
{
	const struct act *const tables[] = { sharings, NULL };
	const struct CMUnitTest tests[] = {
		place_test(test_preload_shared_descriptions_are_named),
	};

	act_main(argc, argv, tables);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
