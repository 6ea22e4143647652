/* SPDX-License-Identifier: MIT
 * A program that locks: calls libc's flock and fcntl as often as lockshim-bench asks, and says how
 * long that took. Bare or preloaded, it cannot tell. */
#include "protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

struct slice {
	int (*run)(int fd, int argument, uint32_t count);
	int argument;
};

static int flock_pairs(int fd, int operation, uint32_t count)
{
	for (; count; count--)
		if (flock(fd, operation) || flock(fd, LOCK_UN))
			return errno;
	return 0;
}

static int flock_once(int fd, int operation, uint32_t count)
{
	(void)count;
	return flock(fd, operation) ? errno : 0;
}

static int flock_refused(int fd, int operation, uint32_t count)
{
	(void)count;
	if (!flock(fd, operation))
		return EBUSY;
	return errno == EWOULDBLOCK ? 0 : errno;
}

static int record_pairs(int fd, int command, short type, uint32_t count)
{
	struct flock record = { .l_whence = SEEK_SET };

	for (; count; count--) {
		record.l_type = type;
		if (fcntl(fd, command, &record))
			return errno;
		record.l_type = F_UNLCK;
		if (fcntl(fd, command, &record))
			return errno;
	}
	return 0;
}

static int ofd_pairs(int fd, int type, uint32_t count)
{
	return record_pairs(fd, F_OFD_SETLK, (short)type, count);
}

static int posix_pairs(int fd, int type, uint32_t count)
{
	return record_pairs(fd, F_SETLK, (short)type, count);
}

static int fcntl_calls(int fd, int command, uint32_t count)
{
	for (; count; count--)
		if (fcntl(fd, command) < 0)
			return errno;
	return 0;
}

static int dup_close_pairs(int fd, int argument, uint32_t count)
{
	(void)argument;
	for (; count; count--)
		if (close(dup(fd)))
			return errno;
	return 0;
}

static int syncs(int fd, int argument, uint32_t count)
{
	(void)argument;
	for (; count; count--)
		if (fdatasync(fd))
			return errno;
	return 0;
}

enum { WRITES = 1, SYNCS = 2 };

static int held_pairs(int fd, int what, uint32_t count)
{
	for (; count; count--)
		if (flock(fd, LOCK_EX) || (what & WRITES && pwrite(fd, "w", 1, 0) != 1) ||
		    (what & SYNCS && fdatasync(fd)) || flock(fd, LOCK_UN))
			return errno;
	return 0;
}

static const struct slice slices[CALL_COUNT] = {
	[CALL_FLOCK_EX] = { flock_pairs, LOCK_EX },
	[CALL_FLOCK_SH] = { flock_pairs, LOCK_SH },
	[CALL_OFD_EX] = { ofd_pairs, F_WRLCK },
	[CALL_OFD_SH] = { ofd_pairs, F_RDLCK },
	[CALL_POSIX_EX] = { posix_pairs, F_WRLCK },
	[CALL_GETFL] = { fcntl_calls, F_GETFL },
	[CALL_DUP_CLOSE] = { dup_close_pairs, 0 },
	[CALL_SYNC] = { syncs, 0 },
	[CALL_FEW] = { held_pairs, 0 },
	[CALL_FEW_SYNC] = { held_pairs, SYNCS },
	[CALL_WRITTEN] = { held_pairs, WRITES },
	[CALL_WRITTEN_SYNC] = { held_pairs, WRITES | SYNCS },
	[CALL_HOLD] = { flock_once, LOCK_EX },
	[CALL_RELEASE] = { flock_once, LOCK_UN },
	[CALL_REFUSED] = { flock_refused, LOCK_EX | LOCK_NB },
};

static int64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static struct bench_reply answer(int fd, const struct bench_request *request)
{
	const struct slice *slice = &slices[request->call];
	/* CPU time: whoever else the machine runs is no part of an uncontended call. */
	clockid_t clock = request->wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
	struct bench_reply reply = { 0 };

	/* The caches have just been another worker's. */
	if (request->count >= 8)
		reply.error = slice->run(fd, slice->argument, request->count / 8);
	if (reply.error)
		return reply;
	reply.ns = -now(clock);
	reply.error = slice->run(fd, slice->argument, request->count);
	reply.ns += now(clock);
	return reply;
}

int main(int argc, char **argv)
{
	struct bench_request request;
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return 2;
	while (read(STDIN_FILENO, &request, sizeof(request)) == sizeof(request)) {
		struct bench_reply reply = { .error = ENOSYS };

		if (request.call < CALL_COUNT)
			reply = answer(fd, &request);
		if (write(STDOUT_FILENO, &reply, sizeof(reply)) != sizeof(reply))
			return 2;
	}
	return 0;
}
