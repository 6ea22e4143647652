/* SPDX-License-Identifier: MIT
 * A description that was passed on by SCM_RIGHTS, to a process that never opened the file. */
#include "tests/conformance/rows.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int send_descriptor(int to, int fd)
{
	char room[CMSG_SPACE(sizeof fd)] = { 0 }, byte = 'd';
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof room };
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(part), &fd, sizeof fd);
	return sendmsg(to, &message, 0) == 1 ? 0 : -1;
}

static int receive_descriptor(int from)
{
	char room[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof room };
	int fd;

	if (recvmsg(from, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		_exit(1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	return fd;
}

static void receive(const struct probe *probe, int from)
{
	int fd = receive_descriptor(from);

	helper_say();
	helper_wait();
	if (lock_call(probe, fd, LOCK_UN))
		_exit(1);
	helper_say();
	helper_wait();
}

static void receive_and_ask(const struct probe *probe, int from)
{
	int fd = receive_descriptor(from);

	probe_end(probe, answer_word(lock_call(probe, fd, LOCK_EX | LOCK_NB)));
}

/* The receiver was there before the file was opened; it gets the locked descriptor. */
static struct helper receiver_of(const struct probe *probe, int mode, int *ret_fd,
				 void (*run)(const struct probe *probe, int from))
{
	struct helper receiver;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		probe_end(probe, "no socket");
	receiver = helper_fork(probe, pair[1], run);
	*ret_fd = must_open(probe, mode);
	must_lock(probe, *ret_fd, operation_of(mode));
	if (send_descriptor(pair[0], *ret_fd))
		probe_end(probe, "not sent");
	return receiver;
}

const char *probe_receiver_holds(const struct probe *probe, int mode)
{
	int fd;
	struct helper receiver = receiver_of(probe, mode, &fd, receive);

	helper_hear(probe, &receiver);
	close(fd);
	return held_or(probe, "LOST");
}

const char *probe_receiver_unlocks(const struct probe *probe, int mode)
{
	int fd;
	struct helper receiver = receiver_of(probe, mode, &fd, receive);

	helper_hear(probe, &receiver);
	helper_tell(&receiver);
	helper_hear(probe, &receiver);
	return strcmp(held_or(probe, ""), "") ? "no effect" : "releases";
}

const char *probe_receiver_asks(const struct probe *probe, int mode)
{
	int fd;

	receiver_of(probe, mode, &fd, receive_and_ask);
	for (;;)
		pause();
}
