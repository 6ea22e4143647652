/* SPDX-License-Identifier: MIT
 * Whether a request waits is seen from outside: its process sleeps. */
#include "cli/probe_seat.h"
#include "cli/probe_actor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MILLISECOND 1000000u
#define LOOK_EVERY 5 /* ms */
#define HEAR_FOR 50
#define DIES_WITHIN 2000

volatile sig_atomic_t probe_stopped;

static _Noreturn void be_actor(int in, int out, const char *file, pid_t parent)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(STDOUT_FILENO); /* who reads it is not to wait for an actor that hangs */
	if (getppid() != parent)
		_exit(1);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		signal(taken[i], SIG_IGN); /* of the terminal: the command ends its actors */
	probe_actor_run(in, out, file);
}

static bool open_pipes(int to[2], int from[2])
{
	if (pipe2(to, O_CLOEXEC))
		return false;
	if (!pipe2(from, O_CLOEXEC))
		return true;
	close(to[0]);
	close(to[1]);
	return false;
}

bool probe_seat_start(struct probe_seat *seat, const char *file)
{
	int to[2], from[2];
	pid_t parent = getpid();

	if (!open_pipes(to, from))
		return false;
	seat->pid = fork();
	if (!seat->pid) {
		close(to[1]);
		close(from[0]);
		be_actor(to[0], from[1], file, parent);
	}
	close(to[0]);
	close(from[1]);
	seat->to = to[1];
	seat->from = from[0];
	if (seat->pid > 0)
		return true;
	close(to[1]);
	close(from[0]);
	*seat = (struct probe_seat){ 0 };
	return false;
}

/* PROBE_WAITS where nothing came within MS. */
static const char *hear(const struct probe_seat *seat, int ms, char answer[PROBE_LINE_MAX])
{
	struct pollfd from = { .fd = seat->from, .events = POLLIN };
	int ready = poll(&from, 1, ms);

	if (probe_stopped)
		return PROBE_STOPPED;
	if (ready <= 0)
		return PROBE_WAITS;
	return probe_line_read(seat->from, answer) ? answer : PROBE_GONE;
}

static const char *hear_until(const struct probe_seat *seat, uint64_t end,
			      char answer[PROBE_LINE_MAX])
{
	const char *heard = PROBE_WAITS;

	while (!strcmp(heard, PROBE_WAITS) && probe_clock() < end)
		heard = hear(seat, HEAR_FOR, answer);
	return strcmp(heard, PROBE_WAITS) ? heard : PROBE_HANGS;
}

/* D is the midst of a call to a server. Without /proc only time tells. */
static bool sleeps(pid_t pid)
{
	char path[64], text[512];
	const char *state;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return true;
	text[got] = '\0';
	state = strrchr(text, ')');
	return state && state[1] && state[2] == 'S';
}

/* The answer, or PROBE_WAITS once the actor slept for long. */
static const char *hear_or_sleep(const struct probe_seat *seat, uint64_t end,
				 char answer[PROBE_LINE_MAX])
{
	int slept = 0;

	while (slept < seat->settle) {
		const char *heard = hear(seat, LOOK_EVERY, answer);

		if (strcmp(heard, PROBE_WAITS))
			return heard;
		if (probe_clock() >= end)
			return PROBE_HANGS;
		slept = sleeps(seat->pid) ? slept + LOOK_EVERY : 0;
	}
	return PROBE_WAITS;
}

static const char *do_kill(struct probe_seat *seat, uint64_t end, char answer[PROBE_LINE_MAX])
{
	(void)end;
	(void)answer;
	kill(seat->pid, SIGKILL);
	return "ok";
}

static const char *do_interrupt(struct probe_seat *seat, uint64_t end, char answer[PROBE_LINE_MAX])
{
	const char *heard;

	kill(seat->pid, SIGUSR1);
	heard = hear_until(seat, end, answer);
	return strcmp(heard, PROBE_SIGNAL) ? heard : hear_or_sleep(seat, end, answer);
}

static const char *do_again(struct probe_seat *seat, uint64_t end, char answer[PROBE_LINE_MAX])
{
	return hear_or_sleep(seat, end, answer);
}

static const char *do_peek(struct probe_seat *seat, uint64_t end, char answer[PROBE_LINE_MAX])
{
	(void)end;
	return hear(seat, LOOK_EVERY, answer);
}

static const char *do_answer(struct probe_seat *seat, uint64_t end, char answer[PROBE_LINE_MAX])
{
	const char *heard = hear_until(seat, end, answer);

	return strcmp(heard, PROBE_HANGS) ? heard : PROBE_STILL_WAITS;
}

static const struct {
	const char *verb;
	const char *(*run)(struct probe_seat *seat, uint64_t end, char answer[PROBE_LINE_MAX]);
} verbs[] = {
	{ "kill", do_kill }, { "interrupt", do_interrupt }, { "again", do_again },
	{ "peek", do_peek }, { "answer", do_answer },
};

static const char *tell(struct probe_seat *seat, const char *line, uint64_t end,
			char answer[PROBE_LINE_MAX])
{
	const char *heard;

	if (!probe_line_write(seat->to, line))
		return PROBE_GONE;
	heard = hear_until(seat, end, answer);
	return strcmp(heard, PROBE_ASKING) ? heard : hear_or_sleep(seat, end, answer);
}

static const char *ask(struct probe_seat *seat, const char *line, uint64_t end,
		       char answer[PROBE_LINE_MAX])
{
	size_t length = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strlen(verbs[i].verb) == length && !memcmp(verbs[i].verb, line, length))
			return verbs[i].run(seat, end, answer);
	}
	return tell(seat, line, end, answer);
}

void probe_seat_ask(struct probe_seat *seat, const char *line, uint64_t timeout,
		    char answer[PROBE_LINE_MAX])
{
	const char *said = ask(seat, line, probe_clock() + timeout, answer);

	if (said != answer)
		snprintf(answer, PROBE_LINE_MAX, "%s", said);
}

void probe_seat_end(struct probe_seat *seat)
{
	uint64_t end = probe_clock() + (uint64_t)DIES_WITHIN * MILLISECOND;

	if (!seat->pid)
		return;
	close(seat->to);
	kill(seat->pid, SIGKILL);
	while (!waitpid(seat->pid, NULL, WNOHANG) && probe_clock() < end)
		poll(NULL, 0, 1);
	close(seat->from);
	*seat = (struct probe_seat){ 0 };
}
