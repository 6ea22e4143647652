/* SPDX-License-Identifier: MIT
 * Whether a worker is what its setup says: the object is mapped, and flock takes the family that it
 * should. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* A preload that ld.so could not find is no error to it. */
static int check_mapped(struct bench_worker *worker)
{
	const char *object = worker->config->object[bench_setups[worker->setup].preload];
	char path[40], *line = NULL;
	size_t size = 0;
	bool found = !object;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)worker->pid);
	maps = fopen(path, "re");
	while (maps && !found && getline(&line, &size, maps) > 0)
		found = strstr(line, object);
	free(line);
	if (maps)
		fclose(maps);
	return found ? 0 : worker_give_up(worker, "%.60s is not preloaded", object);
}

/* Which families stand in the way of a stranger. */
static int check_held(struct bench_worker *worker, int fd)
{
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	bool converts = bench_setups[worker->setup].converts, native, ofd;

	if (fcntl(fd, F_OFD_GETLK, &record))
		return worker_give_up(worker, "F_OFD_GETLK: %s", strerror(errno));
	ofd = record.l_type != F_UNLCK;
	native = flock(fd, LOCK_EX | LOCK_NB) != 0;
	if (ofd == converts && native == !converts)
		return 0;
	return worker_give_up(worker, "flock should %s, and takes%s%s%s",
			      converts ? "become an OFD lock" : "stay native",
			      native ? " a native lock" : "", native && ofd ? " and" : "",
			      ofd ? " an OFD lock" : "");
}

static int ask(struct bench_worker *worker, enum bench_call call)
{
	const struct bench_request request = { .call = call, .count = 1 };
	struct bench_reply reply;

	worker->calls++;
	return worker_ask(worker, &request, &reply);
}

/* For a trace of what was refused: one call that is. */
static int be_refused(struct bench_worker *worker, int fd)
{
	if (flock(fd, LOCK_EX))
		return worker_give_up(worker, "flock: %s", strerror(errno));
	return ask(worker, CALL_REFUSED);
}

static int check_through(struct bench_worker *worker, int fd)
{
	if (ask(worker, CALL_HOLD) || check_mapped(worker) || check_held(worker, fd) ||
	    ask(worker, CALL_RELEASE))
		return -1;
	return bench_setups[worker->setup].tracing == TRACING_REFUSED ? be_refused(worker, fd) : 0;
}

int worker_check(struct bench_worker *worker, const char *lock_file)
{
	int fd = open(lock_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600), result;

	if (fd < 0)
		return worker_give_up(worker, "%.60s: %s", lock_file, strerror(errno));
	result = check_through(worker, fd);
	close(fd);
	return result;
}
