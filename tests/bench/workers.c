/* SPDX-License-Identifier: MIT
 * One worker process a setup: started, asked for slices, renewed before its trace is full. */
#include "bench.h"
#include "trace/event.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int worker_give_up(struct bench_worker *worker, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(worker->problem, sizeof(worker->problem), format, args);
	va_end(args);
	return -1;
}

static int could_not_start(struct bench_worker *worker, const char *program, int error)
{
	const char *package = tracer_package(bench_setups[worker->setup].tracer);

	worker->pid = 0;
	if (package && error == ENOENT)
		return worker_give_up(worker, "no %s; Debian's package is %s", program, package);
	return worker_give_up(worker, "%.60s: %s", program, strerror(error));
}

static int spawn_with(struct bench_worker *worker, int its_end, const char *const *words,
		      char **environment)
{
	bool roams = bench_setups[worker->setup].roams;
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, its_end, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, its_end, STDOUT_FILENO);
	if (roams)
		cpu_let_go();
	error = posix_spawnp(&worker->pid, words[0], &actions, NULL, (char *const *)words,
			     environment);
	if (roams)
		cpu_take_again(worker->config);
	posix_spawn_file_actions_destroy(&actions);
	return error ? could_not_start(worker, words[0], error) : 0;
}

static int start(struct bench_worker *worker, const char *const *words)
{
	char **environment = place_environment(worker->place, worker->config, worker->setup);
	int ends[2], result;

	if (!environment)
		return worker_give_up(worker, "no memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		free(environment);
		return worker_give_up(worker, "socketpair: %s", strerror(errno));
	}
	worker->fd = ends[0];
	worker->calls = 0;
	result = spawn_with(worker, ends[1], words, environment);
	close(ends[1]);
	free(environment);
	return result;
}

static void stop(struct bench_worker *worker)
{
	if (worker->fd >= 0)
		close(worker->fd);
	while (worker->pid > 0 && waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
		;
	worker->fd = -1;
	worker->pid = 0;
}

int worker_ask(struct bench_worker *worker, const struct bench_request *request,
	       struct bench_reply *ret)
{
	if (send(worker->fd, request, sizeof(*request), MSG_NOSIGNAL) != sizeof(*request) ||
	    recv(worker->fd, ret, sizeof(*ret), 0) != sizeof(*ret))
		return worker_give_up(worker, "the worker ended");
	if (ret->error)
		return worker_give_up(worker, "call %d: %s", (int)request->call,
				      strerror(ret->error));
	return 0;
}

static uint64_t calls_of(unsigned count)
{
	return 2 * ((uint64_t)count + count / 8);
}

/* Its output is looked at once, and thrown away where it is measured. */
static int try_tracer(struct bench_worker *worker, const char *lock_file)
{
	const struct bench_request request = { .call = CALL_FLOCK_EX, .count = 100 };
	enum bench_tracer tracer = bench_setups[worker->setup].tracer;
	const char *words[TRACER_WORDS];
	struct bench_reply reply;
	unsigned long lines;
	char *output;
	int result;

	if (asprintf(&output, "%s.out", lock_file) < 0)
		return worker_give_up(worker, "no memory");
	tracer_command(tracer, output, worker->config->worker, lock_file, words);
	result = start(worker, words);
	if (!result && worker_ask(worker, &request, &reply))
		result = worker_give_up(worker, "%s ended; may it trace?", words[0]);
	stop(worker);
	lines = result ? 0 : tracer_count(output);
	if (!result && lines < calls_of(request.count))
		result = worker_give_up(worker, "it told of %lu calls of %lu", lines,
					(unsigned long)calls_of(request.count));
	free(output);
	return result;
}

static int start_on(struct bench_worker *worker, const char *lock_file)
{
	const struct bench_setup *setup = &bench_setups[worker->setup];
	const char *words[TRACER_WORDS];

	if (setup->preload && !worker->config->object[setup->preload])
		return worker_give_up(worker, "built without %s", tracer_package(setup->tracer));
	tracer_command(setup->tracer, "/dev/null", worker->config->worker, lock_file, words);
	if (words[2] && try_tracer(worker, lock_file))
		return -1;
	if (start(worker, words))
		return -1;
	return worker_check(worker, lock_file);
}

static int start_in_setup(struct bench_worker *worker)
{
	char *lock_file;
	int result;

	if (asprintf(&lock_file, "%s/%s.lock", worker->place->dir,
		     bench_setups[worker->setup].name) < 0)
		return worker_give_up(worker, "no memory");
	result = start_on(worker, lock_file);
	free(lock_file);
	return result;
}

/* Room for a slice of CALLS and for what checks did. */
static bool is_nearly_full(const struct bench_worker *worker, uint64_t calls)
{
	return bench_setups[worker->setup].tracing == TRACING_ALL && worker->calls > calls &&
	       (worker->calls + calls + 16) * sizeof(struct trace_event) > BENCH_TRACE_BYTES;
}

static int renew(struct bench_worker *worker)
{
	stop(worker);
	return trace_check(worker) || start_in_setup(worker) ? -1 : 0;
}

double worker_slice(struct bench_worker *worker, enum bench_call call, unsigned count)
{
	const struct bench_request request = { .call = call,
					       .count = count,
					       .wall = bench_setups[worker->setup].roams };
	struct bench_reply reply;

	if (is_nearly_full(worker, calls_of(count)) && renew(worker))
		return -1;
	worker->calls += calls_of(count);
	if (worker_ask(worker, &request, &reply))
		return -1;
	return (double)reply.ns / count;
}

void workers_start(struct bench_worker *workers, const struct bench_place *place,
		   const struct bench_config *config)
{
	for (int i = 0; i < SETUP_COUNT; i++)
		workers[i] = (struct bench_worker){
			.setup = i, .place = place, .config = config, .fd = -1
		};
	if (rows_want_setup(config, SETUP_LTTNG) || rows_want_setup(config, SETUP_FREE_LTTNG))
		lttng_start(workers, place);
	for (int i = 0; i < SETUP_COUNT; i++) {
		if (!rows_want_setup(config, i))
			continue;
		if (!*workers[i].problem)
			(void)start_in_setup(&workers[i]);
		if (*workers[i].problem)
			fprintf(stderr, "lockshim-bench: setup %s: %s\n", bench_setups[i].name,
				workers[i].problem);
	}
}

void workers_stop(struct bench_worker *workers)
{
	for (int i = 0; i < SETUP_COUNT; i++) {
		stop(&workers[i]);
		if (workers[i].calls)
			(void)trace_check(&workers[i]);
	}
}
