/* SPDX-License-Identifier: MIT
 * The actor: one row a verb. It runs in a child and ends with its command's process. */
#include "cli/probe_actor.h"
#include "cli/probe_answer.h"
#include "cli/probe_line.h"
#include "cli/probe_lock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 4
#define RELOCKS 1000

struct actor {
	const char *file;
	int out;
	int slots[SLOTS];
	int child; /* its end of a line to the child, -1: none */
};

struct order {
	char verb[16];
	int slot;
	int flags; /* of open */
	struct probe_request request;
};

static int signals_out;

static void obey(struct actor *actor, const char *line);

static void put(struct actor *actor, int slot, int fd)
{
	if (actor->slots[slot] >= 0)
		close(actor->slots[slot]);
	actor->slots[slot] = fd;
}

static bool open_file(struct actor *actor, int slot, int flags)
{
	put(actor, slot, open(actor->file, flags | O_CREAT | O_CLOEXEC, 0600));
	return actor->slots[slot] >= 0;
}

static void do_open(struct actor *actor, const struct order *order)
{
	probe_answer_opened(actor->out, open_file(actor, order->slot, order->flags));
}

static void do_directory(struct actor *actor, const struct order *order)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", actor->file);
	*strrchr(path, '/') = '\0';
	put(actor, order->slot, open(path, order->flags | O_CLOEXEC));
	probe_answer_opened(actor->out, actor->slots[order->slot] >= 0);
}

static void do_dup(struct actor *actor, const struct order *order)
{
	put(actor, order->slot, fcntl(actor->slots[0], F_DUPFD_CLOEXEC, 3));
	probe_answer_done(actor->out, actor->slots[order->slot] >= 0);
}

static void do_close(struct actor *actor, const struct order *order)
{
	int fd = actor->slots[order->slot];

	actor->slots[order->slot] = -1;
	probe_answer_done(actor->out, !close(fd));
}

static void do_lock(struct actor *actor, const struct order *order)
{
	if (actor->slots[order->slot] < 0 && !open_file(actor, order->slot, O_RDWR)) {
		probe_answer_not_open(actor->out);
		return;
	}
	if (order->request.wait)
		probe_answer(actor->out, PROBE_ASKING);
	probe_answer_lock(actor->out, probe_lock(actor->slots[order->slot], &order->request));
}

static void do_relock(struct actor *actor, const struct order *order)
{
	struct probe_request unlock = order->request, lock = order->request;
	int fd = actor->slots[order->slot], times = 0, error = 0;
	char text[32];

	unlock.mode = PROBE_UN;
	lock.mode = PROBE_EX;
	for (; times < RELOCKS && !error; times += !error) {
		error = probe_lock(fd, &unlock);
		if (!error)
			error = probe_lock(fd, &lock);
	}
	snprintf(text, sizeof(text), "overtaken %d", times);
	if (error && error != EAGAIN && error != EACCES)
		probe_answer_error(actor->out, error);
	else
		probe_answer(actor->out, text);
}

static void do_get_lock(struct actor *actor, const struct order *order)
{
	struct flock lock;
	char text[96];
	int error;

	if (actor->slots[order->slot] < 0 && !open_file(actor, order->slot, O_RDWR)) {
		probe_answer_not_open(actor->out);
		return;
	}
	error = probe_get_lock(actor->slots[order->slot], &order->request, &lock);
	snprintf(text, sizeof(text), "%s %d %lld %lld",
		 probe_mode_names[lock.l_type == F_RDLCK ? PROBE_SH : PROBE_EX], (int)lock.l_pid,
		 (long long)lock.l_start, (long long)lock.l_len);
	if (error)
		probe_answer_error(actor->out, error);
	else
		probe_answer(actor->out, lock.l_type == F_UNLCK ? "free" : text);
}

static void say_signal(int number)
{
	int saved = errno;
	ssize_t wrote = write(signals_out, PROBE_SIGNAL "\n", sizeof(PROBE_SIGNAL));

	(void)number;
	(void)wrote;
	errno = saved;
}

static void do_signal_action(struct actor *actor, const struct order *order)
{
	struct sigaction action = { .sa_handler = say_signal };

	action.sa_flags = !strcmp(order->verb, "restart") ? SA_RESTART : 0;
	signals_out = actor->out;
	probe_answer_done(actor->out, !sigaction(SIGUSR1, &action, NULL));
}

static _Noreturn void be_child(struct actor *actor, int line)
{
	char text[PROBE_LINE_MAX];

	actor->out = line;
	actor->child = -1;
	while (probe_line_read(line, text))
		obey(actor, text);
	_exit(0);
}

static void do_fork(struct actor *actor, const struct order *order)
{
	int ends[2];
	pid_t pid;

	(void)order;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		probe_answer_error(actor->out, errno);
		return;
	}
	pid = fork();
	if (!pid) {
		close(ends[0]);
		be_child(actor, ends[1]);
	}
	close(ends[1]);
	actor->child = ends[0];
	probe_answer_done(actor->out, pid > 0);
}

static void tell_child(struct actor *actor, const char *line)
{
	char text[PROBE_LINE_MAX];

	if (probe_line_write(actor->child, line) && probe_line_read(actor->child, text))
		probe_answer(actor->out, text);
	else
		probe_answer_error(actor->out, ECHILD);
}

static const struct {
	const char *verb;
	void (*run)(struct actor *actor, const struct order *order);
	enum probe_mode mode;
	bool wait;
	int flags;
} verbs[] = {
	{ "rw", do_open, .flags = O_RDWR },
	{ "ro", do_open, .flags = O_RDONLY },
	{ "wo", do_open, .flags = O_WRONLY },
	{ "dir", do_directory, .flags = O_RDONLY | O_DIRECTORY },
	{ "dup", do_dup, .flags = 0 },
	{ "close", do_close, .flags = 0 },
	{ "sh", do_lock, .mode = PROBE_SH },
	{ "ex", do_lock, .mode = PROBE_EX },
	{ "un", do_lock, .mode = PROBE_UN },
	{ "wsh", do_lock, .mode = PROBE_SH, .wait = true },
	{ "wex", do_lock, .mode = PROBE_EX, .wait = true },
	{ "relock", do_relock, .mode = PROBE_EX },
	{ "getlk", do_get_lock, .mode = PROBE_EX },
	{ "restart", do_signal_action, .flags = 0 },
	{ "norestart", do_signal_action, .flags = 0 },
	{ "fork", do_fork, .flags = 0 },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool read_order(const char *line, struct order *ret)
{
	long long slot, start, length;
	char family[16];

	if (!probe_line_word(&line, ret->verb, sizeof(ret->verb)) ||
	    !probe_line_number(&line, &slot) || !probe_line_word(&line, family, sizeof(family)) ||
	    !probe_line_number(&line, &start) || !probe_line_number(&line, &length))
		return false;
	ret->slot = (int)slot;
	ret->request = (struct probe_request){ .start = start, .length = length };
	ret->request.family = probe_family_find(family, strlen(family));
	return slot >= 0 && slot < SLOTS && ret->request.family < PROBE_FAMILIES;
}

static void obey(struct actor *actor, const char *line)
{
	struct order order;

	if (!strncmp(line, "child ", 6)) {
		tell_child(actor, line + 6);
		return;
	}
	for (size_t i = 0; read_order(line, &order) && i < VERBS; i++) {
		if (strcmp(verbs[i].verb, order.verb))
			continue;
		order.request.mode = verbs[i].mode;
		order.request.wait = verbs[i].wait;
		order.flags = verbs[i].flags;
		verbs[i].run(actor, &order);
		return;
	}
	probe_answer_error(actor->out, EINVAL);
}

_Noreturn void probe_actor_run(int in, int out, const char *file)
{
	struct actor actor = { .file = file, .out = out, .slots = { -1, -1, -1, -1 }, .child = -1 };
	char text[PROBE_LINE_MAX];

	while (probe_line_read(in, text))
		obey(&actor, text);
	_exit(0);
}
