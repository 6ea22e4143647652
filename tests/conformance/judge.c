/* SPDX-License-Identifier: MIT
 * Never preloaded. Opens the file anew for every question, so that it keeps nobody's lock alive. */
#include "tests/conformance/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/conformance/judge_locks.h"
#include "tests/conformance/judge_range.h"
#include "tests/conformance/question.h"
#include "tests/support/outsider.h"

static const struct {
	unsigned domain;
	enum outsider_family family;
} asked_by[] = { { IN_FLOCK, BY_FLOCK }, { IN_RECORDS, BY_OFD } };
#define DOMAINS (sizeof asked_by / sizeof asked_by[0])

struct poller {
	unsigned long tries, granted;
};

struct court {
	const char *file;
	unsigned domains;
	time_t end;
	int held[DOMAINS];
	struct range_holder holder;
	const struct question *asked;
	pid_t thirds[DOMAINS];
	struct poller *pollers;
};

static bool is_late(const struct court *court)
{
	return time(NULL) >= court->end;
}

static int open_file(const struct court *court)
{
	int fd = open(court->file, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(court->file);
		exit(2);
	}
	return fd;
}

static int try_in(const struct court *court, size_t i, int operation)
{
	int fd = open_file(court), error;

	error = outsider_call(fd, asked_by[i].family, operation, false);
	close(fd);
	return error;
}

static int ask_try(struct court *court, int argument)
{
	size_t i;

	for (i = 0; i < DOMAINS; i++)
		if (asked_by[i].domain == (unsigned)argument >> 8)
			return try_in(court, i, argument & 0xff);
	return EINVAL;
}

static int ask_hold(struct court *court, int operation)
{
	int error = 0;
	size_t i;

	for (i = 0; i < DOMAINS && !error; i++) {
		if (!(court->domains & asked_by[i].domain))
			continue;
		court->held[i] = open_file(court);
		error = outsider_call(court->held[i], asked_by[i].family, operation, false);
	}
	return error;
}

static int ask_let_go(struct court *court, int argument)
{
	size_t i;

	(void)argument;
	for (i = 0; i < DOMAINS; i++) {
		if (court->held[i] >= 0)
			close(court->held[i]);
		court->held[i] = -1;
	}
	range_let_go(&court->holder);
	return 0;
}

static int ask_until_free(struct court *court, int argument)
{
	size_t i;

	(void)argument;
	for (i = 0; i < DOMAINS; i++)
		while (court->domains & asked_by[i].domain && try_in(court, i, LOCK_EX)) {
			if (is_late(court))
				return ETIMEDOUT;
			sched_yield();
		}
	return 0;
}

static int ask_waiters(struct court *court, int argument)
{
	(void)argument;
	return locks_waiting(court->file);
}

static int ask_locks(struct court *court, int kind)
{
	return locks_pid(court->file, kind);
}

static int ask_getlk(struct court *court, int argument)
{
	struct flock record = range_against(court->file, court->asked);

	(void)argument;
	return record.l_type == F_UNLCK ? 0 : record.l_pid;
}

static int ask_getlk_end(struct court *court, int argument)
{
	struct flock record = range_against(court->file, court->asked);

	(void)argument;
	return record.l_type != F_UNLCK && !record.l_len;
}

static int ask_try_range(struct court *court, int argument)
{
	(void)argument;
	return range_try(court->file, court->asked);
}

static int ask_hold_range(struct court *court, int argument)
{
	(void)argument;
	return range_hold(&court->holder, court->file, court->asked);
}

static _Noreturn void poll_in(const struct court *court, size_t i)
{
	struct poller *poller = &court->pollers[i];

	for (;;) {
		if (!try_in(court, i, LOCK_EX))
			__atomic_add_fetch(&poller->granted, 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&poller->tries, 1, __ATOMIC_SEQ_CST);
	}
}

static _Noreturn void block_in(const struct court *court, size_t i)
{
	outsider_call(open_file(court), asked_by[i].family, LOCK_EX, true);
	for (;;)
		pause();
}

/* One for each domain of the column. */
static void start_thirds(struct court *court, void (*run)(const struct court *, size_t))
{
	size_t i;

	for (i = 0; i < DOMAINS; i++) {
		if (!(court->domains & asked_by[i].domain))
			continue;
		court->thirds[i] = fork();
		if (!court->thirds[i])
			run(court, i);
	}
}

static void stop_thirds(struct court *court)
{
	size_t i;

	for (i = 0; i < DOMAINS; i++) {
		if (court->thirds[i] <= 0)
			continue;
		kill(court->thirds[i], SIGKILL);
		waitpid(court->thirds[i], NULL, 0);
		court->thirds[i] = 0;
	}
}

static int ask_pollers(struct court *court, int start)
{
	unsigned let_in = 0;
	size_t i;

	if (start) {
		memset(court->pollers, 0, DOMAINS * sizeof *court->pollers);
		start_thirds(court, poll_in);
		return 0;
	}
	stop_thirds(court);
	for (i = 0; i < DOMAINS; i++)
		if (court->pollers[i].granted)
			let_in |= asked_by[i].domain;
	return (int)let_in;
}

static int ask_polled(struct court *court, int argument)
{
	unsigned long enough;
	size_t i;

	(void)argument;
	for (i = 0; i < DOMAINS; i++) {
		if (court->thirds[i] <= 0)
			continue;
		enough = __atomic_load_n(&court->pollers[i].tries, __ATOMIC_SEQ_CST) + 2;
		while (__atomic_load_n(&court->pollers[i].tries, __ATOMIC_SEQ_CST) < enough) {
			if (is_late(court))
				return ETIMEDOUT;
			sched_yield();
		}
	}
	return 0;
}

static int ask_blockers(struct court *court, int argument)
{
	int wanted = !!(court->domains & IN_FLOCK) + !!(court->domains & IN_RECORDS);

	start_thirds(court, block_in);
	while (ask_waiters(court, argument) < wanted) {
		if (is_late(court))
			return ETIMEDOUT;
		sched_yield();
	}
	return 0;
}

static int (*const answers[ASK_KINDS])(struct court *court, int argument) = {
	[ASK_TRY] = ask_try,
	[ASK_HOLD] = ask_hold,
	[ASK_LET_GO] = ask_let_go,
	[ASK_UNTIL_FREE] = ask_until_free,
	[ASK_WAITERS] = ask_waiters,
	[ASK_GETLK] = ask_getlk,
	[ASK_LOCKS] = ask_locks,
	[ASK_POLLERS] = ask_pollers,
	[ASK_POLLED] = ask_polled,
	[ASK_BLOCKERS] = ask_blockers,
	[ASK_TRY_RANGE] = ask_try_range,
	[ASK_HOLD_RANGE] = ask_hold_range,
	[ASK_GETLK_END] = ask_getlk_end,
};

/* The next question; NULL, or why there is none. */
static const char *hear(const struct court *court, int socket, struct question *ret)
{
	struct pollfd in = { .fd = socket, .events = POLLIN };
	time_t left = court->end - time(NULL);

	if (left <= 0 || poll(&in, 1, (int)left * 1000) <= 0)
		return "HANGS";
	return recv(socket, ret, sizeof *ret, 0) == sizeof *ret ? NULL : "DIED";
}

static const char *hold_court(struct court *court, int socket, struct question *question)
{
	const char *none;
	int value;

	while (!(none = hear(court, socket, question)) && question->ask != ASK_CELL) {
		court->asked = question;
		value = answers[question->ask](court, question->argument);
		if (send(socket, &value, sizeof value, MSG_NOSIGNAL) != sizeof value)
			return "DIED";
	}
	return none ? none : question->cell;
}

void judge(int socket, const char *file, unsigned domains, int seconds, char ret_cell[CELL_ROOM])
{
	struct court court = { .file = file, .domains = domains, .end = time(NULL) + seconds };
	struct question question;

	memset(court.held, -1, sizeof court.held);
	court.pollers = mmap(NULL, DOMAINS * sizeof *court.pollers, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (court.pollers == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	snprintf(ret_cell, CELL_ROOM, "%s", hold_court(&court, socket, &question));
	stop_thirds(&court);
	ask_let_go(&court, 0);
	munmap(court.pollers, DOMAINS * sizeof *court.pollers);
}
