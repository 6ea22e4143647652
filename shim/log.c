/* SPDX-License-Identifier: MIT
 * Where lines begin, how many there may be, and which place they go to. */
#include "shim/log.h"

#include <string.h>
#include <time.h>

#include "policy/sys.h"
#include "shim/log_call.h"
#include "shim/log_text.h"
#include "shim/log_to.h"

#define PROGRAM_ROOM 64
#define PATH_ROOM 4096

/* One line a tick of 10 ms, and this many ticks ahead. */
#define TICKS_AHEAD 200
#define TICKS_A_SECOND 100

bool log_is_on;

static enum { TO_STDERR, TO_SYSLOG, TO_FILE } kind;
static const char *file;
static char program[PROGRAM_ROOM];

/* The tick up to which lines were given out, and the lines left out since the last one written. */
static uint32_t given_out, left_out;

/* The executable's base name: argv is the host's to change. */
static void learn_program(void)
{
	char *path = sys_pages(PATH_ROOM);
	long len = path ? sys_readlink("/proc/self/exe", path, PATH_ROOM - 1) : -1;
	const char *slash = len > 0 ? strrchr(path, '/') : NULL;

	strncpy(program, slash ? slash + 1 : program_invocation_short_name, PROGRAM_ROOM - 1);
	if (path)
		sys_pages_free(path, PATH_ROOM);
}

void log_start(const char *where)
{
	bool on = true;

	learn_program();
	file = where;
	if (!where || !strcmp(where, "stderr")) {
		kind = TO_STDERR;
		on = log_to_stderr_start();
	} else {
		kind = *where == '/' ? TO_FILE : TO_SYSLOG;
	}
	__atomic_store_n(&log_is_on, on, __ATOMIC_RELEASE);
}

static uint32_t tick(void)
{
	struct timespec now;
	int saved = errno;

	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now))
		now = (struct timespec){ 0 };
	errno = saved;
	return (uint32_t)now.tv_sec * TICKS_A_SECOND +
	       (uint32_t)now.tv_nsec / (1000000000 / TICKS_A_SECOND);
}

/* Each line takes the next tick; the ticks of the past are gone. */
static bool may_write(void)
{
	uint32_t now = tick(), seen = __atomic_load_n(&given_out, __ATOMIC_RELAXED), next;

	do {
		uint32_t ahead = seen - now;

		if (ahead == TICKS_AHEAD)
			return false;
		next = (ahead < TICKS_AHEAD ? seen : now) + 1;
	} while (!__atomic_compare_exchange_n(&given_out, &seen, next, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return true;
}

static void put_process(struct log_line *line)
{
	int pid = sys_getpid(), tid = (int)syscall(SYS_gettid);

	log_put_name(line, program, PROGRAM_ROOM);
	log_put(line, "[");
	log_put_signed(line, pid);
	if (tid != pid) {
		log_put(line, "/");
		log_put_signed(line, tid);
	}
	log_put(line, "]");
}

/* syslog takes who speaks from the beginning, and has a date of its own. LOG_USER with LOG_WARNING
 * or LOG_INFO. */
static void put_head(struct log_line *line, const struct trace_event *event)
{
	bool tagged = kind == TO_SYSLOG;

	if (tagged) {
		log_put(line, event->error || event->hazards ? "<12>" : "<14>");
		put_process(line);
		log_put(line, ": ");
	}
	log_put(line, "lockshim: ");
	log_put_time(line, event->time);
	log_put(line, " ");
	if (!tagged) {
		put_process(line);
		log_put(line, " ");
	}
}

static void put_left_out(struct log_line *line, uint32_t lines)
{
	if (!lines)
		return;
	log_put_number(line, lines);
	log_put(line, lines == 1 ? " line left out; " : " lines left out; ");
}

static bool write_line(const struct log_out *out)
{
	switch (kind) {
	case TO_STDERR:
		return log_to_stderr(out);
	case TO_SYSLOG:
		return log_to_syslog(out);
	default:
		return log_to_file(out, file);
	}
}

/* Apart, so that only who writes pays for the line on its stack. */
static __attribute__((noinline)) bool write_event(const struct trace_event *event,
						  const struct log_words *words, uint32_t lines)
{
	struct log_line line;

	line.used = 0;
	put_head(&line, event);
	put_left_out(&line, lines);
	log_put_call(&line, event, words);
	log_put_end(&line);
	return write_line(&(struct log_out){ line.text, line.used, event->device, event->inode });
}

void log_event(const struct trace_event *event, const struct log_words *words)
{
	uint32_t lines;

	if (!log_on())
		return;
	if (!may_write()) {
		__atomic_fetch_add(&left_out, 1, __ATOMIC_RELAXED);
		return;
	}
	lines = __atomic_exchange_n(&left_out, 0, __ATOMIC_RELAXED);
	if (!write_event(event, words, lines))
		__atomic_fetch_add(&left_out, lines + 1, __ATOMIC_RELAXED);
}
