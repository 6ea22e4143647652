/* SPDX-License-Identifier: MIT
 * Events, a process for each act, and lines counted. */
#include "tests/preload/log_acts.h"

#include <signal.h>

struct trace_event log_granted(void)
{
	return (struct trace_event){
		.time = (12 * 3600 + 31 * 60 + 2) * UINT64_C(1000000000) + 123456789,
		.id = TRACE_LOCK,
		.call = TRACE_CALL_FLOCK,
		.operation = TRACE_EXCLUSIVE,
		.asked = TRACE_FAMILY_FLOCK,
		.used = TRACE_FAMILY_OFD,
		.flags = TRACE_BLOCKING,
		.fd = 5,
		.device = UINT64_C(8) << 32 | 1,
		.inode = 77,
	};
}

void log_some(unsigned times, const char *path)
{
	const struct log_words words = { path, "web" };
	struct trace_event event = log_granted();

	while (times--)
		log_event(&event, &words);
}

void log_must(bool condition, int line)
{
	if (!condition)
		_exit(1 + line % 250);
}

static void act_alone(void (*act)(const struct place *place), const struct place *place)
{
	sigset_t held, pending;

	alarm(60);
	sigemptyset(&held);
	sigaddset(&held, SIGUSR1);
	must(!sigprocmask(SIG_BLOCK, &held, NULL));
	errno = EMLINK;
	act(place);
	must(errno == EMLINK);
	must(!sigpending(&pending));
	must(!sigismember(&pending, SIGPIPE) && !sigismember(&pending, SIGXFSZ));
	must(!sigprocmask(SIG_SETMASK, NULL, &pending));
	must(sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGXFSZ));
	_exit(0);
}

void log_in_process(void (*act)(const struct place *place), const struct place *place)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child)
		act_alone(act, place);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		fail_msg("what must hold does not, line %d (of 250)", WEXITSTATUS(status) - 1);
	assert_int_equal(status, 0);
}

const char *log_path(const struct place *place)
{
	static char path[96];

	snprintf(path, sizeof path, "%s/log", place->directory);
	return path;
}

const char *log_text_of(const char *path)
{
	static char text[LOG_TEXT_ROOM];
	int fd = must_open(path, O_RDONLY);
	ssize_t len = read(fd, text, sizeof text - 1);

	assert_true(len >= 0);
	close(fd);
	text[len] = '\0';
	return text;
}

static bool ends_with(const char *line, size_t len, const char *end)
{
	return len >= strlen(end) && !memcmp(line + len - strlen(end), end, strlen(end));
}

static bool is_whole(const char *line, size_t len)
{
	return !strncmp(line, "lockshim: 12:31:02.123456Z ", 27) &&
	       ends_with(line, len, ", rule web") && !memmem(line + 1, len, "lockshim: ", 10);
}

unsigned log_count(const char *text, unsigned *ret_left_out)
{
	const char *end;
	unsigned count = 0;

	for (; (end = strchr(text, '\n')); text = end + 1, count++) {
		size_t len = (size_t)(end - text);

		if (!is_whole(text, len))
			fail_msg("no whole line: %.*s", (int)len, text);
		if (memmem(text, len, " left out; ", 11))
			*ret_left_out += (unsigned)strtoul(strchr(text, ']') + 2, NULL, 10);
	}
	assert_string_equal(text, "");
	return count;
}
