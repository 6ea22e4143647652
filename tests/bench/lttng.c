/* SPDX-License-Identifier: MIT
 * LTTng's session daemon for the setups of TRACER_LTTNG. Root's daemon has its sockets in
 * /var/run/lttng: where there is one already, ours does not start and nothing is measured. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SESSION "lockshim-bench"
#define CHANNEL "calls"
#define READY SIGUSR1 /* what --sig-parent sends */

static pid_t daemon_pid;

/* Runs WORDS with their output in DIR/lttng.out; 0 or an errno. */
static int spawn(pid_t *ret, const struct bench_place *place, const char *const *words,
		 const sigset_t *mask)
{
	char output[PATH_MAX + 16], home[PATH_MAX + 16], path[] = "PATH=/usr/bin:/bin";
	char *environment[] = { path, home, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error;

	snprintf(output, sizeof(output), "%s/lttng.out", place->dir);
	snprintf(home, sizeof(home), "LTTNG_HOME=%s", place->dir);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, mask);
	error = posix_spawnp(ret, words[0], &actions, &attributes, (char *const *)words,
			     environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static int run(const struct bench_place *place, const char *const *words)
{
	sigset_t none;
	pid_t pid;

	sigemptyset(&none);
	return spawn(&pid, place, words, &none) ? -1 : wait_for(pid);
}

/* Until it is ready, or has ended. */
static int start_daemon(const struct bench_place *place)
{
	static const char *const words[] = { "lttng-sessiond", "--no-kernel", "--sig-parent",
					     NULL };
	const struct timespec most = { .tv_sec = 20 };
	sigset_t awaited, before;
	int came = -1, error;

	sigemptyset(&awaited);
	sigaddset(&awaited, READY);
	sigaddset(&awaited, SIGCHLD);
	sigprocmask(SIG_BLOCK, &awaited, &before);
	error = spawn(&daemon_pid, place, words, &before);
	if (error)
		daemon_pid = 0;
	else
		came = sigtimedwait(&awaited, NULL, &most);
	if (daemon_pid && came != READY) {
		kill(daemon_pid, SIGTERM);
		wait_for(daemon_pid);
		daemon_pid = 0;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

static int start_session(const struct bench_place *place)
{
	char output[PATH_MAX + 32];
	const char *const steps[][12] = {
		{ "lttng", "-n", "create", SESSION, output, NULL },
		{ "lttng", "-n", "enable-channel", "-u", "-s", SESSION, "--tracefile-size=16777216",
		  "--tracefile-count=2", CHANNEL, NULL },
		{ "lttng", "-n", "enable-event", "-u", "-s", SESSION, "-c", CHANNEL,
		  "lockshim_bench:*", NULL },
		{ "lttng", "-n", "start", SESSION, NULL },
	};

	snprintf(output, sizeof(output), "--output=%s/lttng", place->dir);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (run(place, steps[i]))
			return -1;
	return 0;
}

static void stop_daemon(void)
{
	if (!daemon_pid)
		return;
	kill(daemon_pid, SIGTERM);
	wait_for(daemon_pid);
	daemon_pid = 0;
}

static void tell(struct bench_worker *workers, const char *problem)
{
	for (int i = 0; i < SETUP_COUNT; i++)
		if (bench_setups[i].tracer == TRACER_LTTNG && !*workers[i].problem)
			(void)worker_give_up(&workers[i], "%s", problem);
}

void lttng_start(struct bench_worker *workers, const struct bench_place *place)
{
	int error = 0;

	if (!workers->config->object[PRELOAD_LTTNG])
		return; /* the setups say so */
	cpu_let_go();
	error = start_daemon(place);
	if (error == ENOENT)
		tell(workers, "no lttng-sessiond; Debian's package is lttng-tools");
	else if (!daemon_pid)
		tell(workers, "no lttng-sessiond of our own; is there another one?");
	else if (start_session(place))
		tell(workers, "lttng made no session");
	cpu_take_again(workers->config);
}

/* What `lttng list` says of the channel; -1 where it says nothing. */
static long discarded(const struct bench_place *place)
{
	static const char *const words[] = { "lttng", "-n", "list", SESSION, NULL };
	static const char label[] = "Discarded events: ";
	char path[PATH_MAX + 16], *line = NULL, *at;
	size_t size = 0;
	long count = -1;
	FILE *file;

	if (run(place, words))
		return -1;
	snprintf(path, sizeof(path), "%s/lttng.out", place->dir);
	file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0) {
		at = strstr(line, label);
		if (at)
			count = strtol(at + sizeof(label) - 1, NULL, 10);
	}
	free(line);
	if (file)
		fclose(file);
	return count;
}

static bool wrote;

static int look(const char *path, const struct stat *status, int type, struct FTW *where)
{
	wrote = wrote || (type == FTW_F && status->st_size &&
			  !strncmp(path + where->base, CHANNEL "_", sizeof(CHANNEL)));
	return 0;
}

static bool has_written(const struct bench_place *place)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/lttng", place->dir);
	wrote = false;
	(void)nftw(path, look, 16, FTW_PHYS);
	return wrote;
}

void lttng_stop(struct bench_worker *workers, const struct bench_place *place)
{
	static const char *const words[] = { "lttng", "-n", "stop", SESSION, NULL };
	char problem[80];
	long lost;

	if (!daemon_pid)
		return;
	lost = run(place, words) ? -1 : discarded(place);
	if (lost) {
		snprintf(problem, sizeof(problem), "its channel lost %ld events", lost);
		tell(workers, problem);
	} else if (!has_written(place)) {
		tell(workers, "no event came to its trace");
	}
	stop_daemon();
}
