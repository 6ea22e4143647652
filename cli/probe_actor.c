/* SPDX-License-Identifier: MIT
 * The actor: one row a verb. It runs in a child and ends with its command's process. */
#include "cli/probe_actor.h"
#include "cli/probe_line.h"
#include "cli/probe_lock.h"
#include "policy/policy.h"

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

static void answer(const struct actor *actor, const char *text)
{
	if (!probe_line_write(actor->out, text))
		_exit(1);
}

/* "BEFORE NAME", or the number where it has no name. */
static void answer_errno(const struct actor *actor, const char *before, int error)
{
	const char *name = policy_errno_name(error);
	char text[48];

	if (name)
		snprintf(text, sizeof(text), "%s%s", before, name);
	else
		snprintf(text, sizeof(text), "%serrno %d", before, error);
	answer(actor, text);
}

static void answer_error(const struct actor *actor, int error)
{
	answer_errno(actor, "", error);
}

/* What could not be opened has no answer to a request for a lock. */
static void answer_not_open(const struct actor *actor)
{
	answer_errno(actor, "open: ", errno);
}

static void answer_lock(const struct actor *actor, int error)
{
	if (!error)
		answer(actor, "granted");
	else if (error == EAGAIN || error == EACCES)
		answer(actor, "refused");
	else
		answer_error(actor, error);
}

static void answer_done(const struct actor *actor, bool done)
{
	if (done)
		answer(actor, "ok");
	else
		answer_error(actor, errno);
}

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

static void answer_opened(const struct actor *actor, bool opened)
{
	if (opened)
		answer(actor, "ok");
	else
		answer_not_open(actor);
}

static void do_open(struct actor *actor, const struct order *order)
{
	answer_opened(actor, open_file(actor, order->slot, order->flags));
}

static void do_directory(struct actor *actor, const struct order *order)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", actor->file);
	*strrchr(path, '/') = '\0';
	put(actor, order->slot, open(path, order->flags | O_CLOEXEC));
	answer_opened(actor, actor->slots[order->slot] >= 0);
}

static void do_dup(struct actor *actor, const struct order *order)
{
	put(actor, order->slot, fcntl(actor->slots[0], F_DUPFD_CLOEXEC, 3));
	answer_done(actor, actor->slots[order->slot] >= 0);
}

static void do_close(struct actor *actor, const struct order *order)
{
	int fd = actor->slots[order->slot];

	actor->slots[order->slot] = -1;
	answer_done(actor, !close(fd));
}

static void do_lock(struct actor *actor, const struct order *order)
{
	if (actor->slots[order->slot] < 0 && !open_file(actor, order->slot, O_RDWR)) {
		answer_not_open(actor);
		return;
	}
	if (order->request.wait)
		answer(actor, PROBE_ASKING);
	answer_lock(actor, probe_lock(actor->slots[order->slot], &order->request));
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
		answer_error(actor, error);
	else
		answer(actor, text);
}

static void do_get_lock(struct actor *actor, const struct order *order)
{
	struct flock lock;
	char text[96];
	int error;

	if (actor->slots[order->slot] < 0 && !open_file(actor, order->slot, O_RDWR)) {
		answer_not_open(actor);
		return;
	}
	error = probe_get_lock(actor->slots[order->slot], &order->request, &lock);
	snprintf(text, sizeof(text), "%s %d %lld %lld",
		 probe_mode_names[lock.l_type == F_RDLCK ? PROBE_SH : PROBE_EX], (int)lock.l_pid,
		 (long long)lock.l_start, (long long)lock.l_len);
	if (error)
		answer_error(actor, error);
	else
		answer(actor, lock.l_type == F_UNLCK ? "free" : text);
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
	answer_done(actor, !sigaction(SIGUSR1, &action, NULL));
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
		answer_error(actor, errno);
		return;
	}
	pid = fork();
	if (!pid) {
		close(ends[0]);
		be_child(actor, ends[1]);
	}
	close(ends[1]);
	actor->child = ends[0];
	answer_done(actor, pid > 0);
}

static void tell_child(struct actor *actor, const char *line)
{
	char text[PROBE_LINE_MAX];

	if (probe_line_write(actor->child, line) && probe_line_read(actor->child, text))
		answer(actor, text);
	else
		answer_error(actor, ECHILD);
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
	long long start = 0, length = 0;
	char family[16];

	if (sscanf(line, "%15s %d %15s %lld %lld", ret->verb, &ret->slot, family, &start,
		   &length) != 5)
		return false;
	ret->request = (struct probe_request){ .start = start, .length = length };
	ret->request.family = probe_family_find(family, strlen(family));
	return ret->slot >= 0 && ret->slot < SLOTS && ret->request.family < PROBE_FAMILIES;
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
	answer_error(actor, EINVAL);
}

_Noreturn void probe_actor_run(int in, int out, const char *file)
{
	struct actor actor = { .file = file, .out = out, .slots = { -1, -1, -1, -1 }, .child = -1 };
	char text[PROBE_LINE_MAX];

	while (probe_line_read(in, text))
		obey(&actor, text);
	_exit(0);
}
