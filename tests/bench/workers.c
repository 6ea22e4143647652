/* SPDX-License-Identifier: MIT
 * One worker process a setup: started, checked for being what its setup says, asked for slices. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int __attribute__((format(printf, 2, 3)))
give_up(struct bench_worker *worker, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(worker->problem, sizeof(worker->problem), format, args);
	va_end(args);
	return -1;
}

static int spawn_with(struct bench_worker *worker, int its_end, const char *program,
		      char *lock_file, char **environment)
{
	char *argv[] = { (char *)program, lock_file, NULL };
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, its_end, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, its_end, STDOUT_FILENO);
	error = posix_spawn(&worker->pid, program, &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		worker->pid = 0;
		return give_up(worker, "%.60s: %s", program, strerror(error));
	}
	return 0;
}

static int start(struct bench_worker *worker, const char *program, char *lock_file,
		 char **environment)
{
	int ends[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return give_up(worker, "socketpair: %s", strerror(errno));
	worker->fd = ends[0];
	result = spawn_with(worker, ends[1], program, lock_file, environment);
	close(ends[1]);
	return result;
}

static int ask(struct bench_worker *worker, enum bench_call call, unsigned count,
	       struct bench_reply *ret)
{
	struct bench_request request = { .call = call, .count = count };

	if (send(worker->fd, &request, sizeof(request), MSG_NOSIGNAL) != sizeof(request) ||
	    recv(worker->fd, ret, sizeof(*ret), 0) != sizeof(*ret))
		return give_up(worker, "the worker ended");
	if (ret->error)
		return give_up(worker, "call %d: %s", (int)call, strerror(ret->error));
	return 0;
}

double worker_slice(struct bench_worker *worker, enum bench_call call, unsigned count)
{
	struct bench_reply reply;

	if (ask(worker, call, count, &reply))
		return -1;
	return (double)reply.ns / count;
}

/* A preload that ld.so could not find is no error to it. */
static int check_mapped(struct bench_worker *worker, const char *object)
{
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
	return found ? 0 : give_up(worker, "%.60s is not preloaded", object);
}

/* Which families stand in the way of a stranger. */
static int check_held(struct bench_worker *worker, const char *lock_file, bool converts)
{
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(lock_file, O_RDWR | O_CLOEXEC);
	bool native, ofd;

	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &record)) {
		give_up(worker, "%.60s: %s", lock_file, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	ofd = record.l_type != F_UNLCK;
	native = flock(fd, LOCK_EX | LOCK_NB) != 0;
	close(fd);
	if (ofd == converts && native == !converts)
		return 0;
	return give_up(worker, "flock should %s, and takes%s%s%s",
		       converts ? "become an OFD lock" : "stay native",
		       native ? " a native lock" : "", native && ofd ? " and" : "",
		       ofd ? " an OFD lock" : "");
}

static int check(struct bench_worker *worker, const struct bench_setup *setup, const char *object,
		 const char *lock_file)
{
	struct bench_reply reply;

	if (ask(worker, CALL_HOLD, 1, &reply) || check_mapped(worker, object) ||
	    check_held(worker, lock_file, setup->converts))
		return -1;
	return ask(worker, CALL_RELEASE, 1, &reply);
}

static void start_in_setup(struct bench_worker *worker, const struct bench_place *place,
			   const struct bench_config *config, enum bench_setup_id id)
{
	const struct bench_setup *setup = &bench_setups[id];
	char **environment = place_environment(place, config, id);
	char *lock_file;

	if (!environment || asprintf(&lock_file, "%s/%s.lock", place->dir, setup->name) < 0)
		give_up(worker, "no memory");
	else {
		if (!start(worker, config->worker, lock_file, environment))
			check(worker, setup, config->object[setup->preload], lock_file);
		free(lock_file);
	}
	free(environment);
}

void workers_start(struct bench_worker *workers, const struct bench_place *place,
		   const struct bench_config *config)
{
	for (int i = 0; i < SETUP_COUNT; i++) {
		workers[i] = (struct bench_worker){ .fd = -1 };
		start_in_setup(&workers[i], place, config, i);
		if (*workers[i].problem)
			fprintf(stderr, "lockshim-bench: setup %s: %s\n", bench_setups[i].name,
				workers[i].problem);
	}
}

void workers_stop(struct bench_worker *workers)
{
	for (int i = 0; i < SETUP_COUNT; i++) {
		if (workers[i].fd >= 0)
			close(workers[i].fd);
		while (workers[i].pid > 0 && waitpid(workers[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
}
