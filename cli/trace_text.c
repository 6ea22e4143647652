/* SPDX-License-Identifier: MIT
 * A record as strace would print the call, and what came of it: in the words that the library's
 * own log has. */
#include "cli/duration.h"
#include "cli/escape.h"
#include "cli/trace_print.h"

#include "policy/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define SECOND 1000000000u

static const char *const flock_names[] = { "LOCK_SH", "LOCK_EX", "LOCK_UN" };
static const char *const type_names[] = { "F_RDLCK", "F_WRLCK", "F_UNLCK" };

static bool has(const struct trace_event *event, uint32_t flag)
{
	return event->flags & flag;
}

static void put_flock(const struct trace_event *event)
{
	const bool waits = event->operation == TRACE_UNLOCK || has(event, TRACE_BLOCKING);

	printf(", %s%s", flock_names[event->operation], waits ? "" : "|LOCK_NB");
}

static void put_section(const struct trace_event *event, const char *prefix)
{
	const char *command = has(event, TRACE_BLOCKING) ? "SETLKW" : "SETLK";

	printf(", %s%s, {l_type=%s, l_whence=SEEK_SET, l_start=%" PRId64 ", l_len=%" PRId64 "}",
	       prefix, event->id == TRACE_QUERY ? "GETLK" : command, type_names[event->operation],
	       event->start, event->length);
}

static void put_fcntl(const struct trace_event *event)
{
	put_section(event, "F_");
}

static void put_ofd(const struct trace_event *event)
{
	put_section(event, "F_OFD_");
}

static void put_lockf(const struct trace_event *event)
{
	const char *command = has(event, TRACE_BLOCKING) ? "F_LOCK" : "F_TLOCK";

	if (event->id == TRACE_QUERY)
		command = "F_TEST";
	else if (event->operation == TRACE_UNLOCK)
		command = "F_ULOCK";
	printf(", %s, %" PRId64, command, event->length);
}

static const struct {
	const char *name;
	void (*put_arguments)(const struct trace_event *event);
} calls[TRACE_CALL_COUNT] = {
	[TRACE_CALL_FLOCK] = { "flock", put_flock }, [TRACE_CALL_FCNTL] = { "fcntl", put_fcntl },
	[TRACE_CALL_OFD] = { "fcntl", put_ofd },     [TRACE_CALL_LOCKF] = { "lockf", put_lockf },
	[TRACE_CALL_CLOSE] = { "close", NULL },      [TRACE_CALL_EXIT] = { "exit", NULL },
	[TRACE_CALL_FORK] = { "fork", NULL },        [TRACE_CALL_OTHER] = { "other", NULL },
};

static void put_file(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	if (event->fd >= 0)
		printf("%" PRId32, event->fd);
	if (record->file)
		printf("<%s>", cli_escape(record->file));
	else if (event->inode)
		printf("<%" PRIu64 ":%" PRIu64 " inode %" PRIu64 ">", event->device >> 32,
		       event->device & UINT32_MAX, event->inode);
}

static void put_result(const struct trace_event *event)
{
	const char *name = policy_errno_name(event->error);

	if (!event->error)
		printf(" = 0");
	else if (name)
		printf(" = -1 %s", name);
	else
		printf(" = -1 %" PRId32, event->error);
}

static void put_outcome(const struct trace_event *event)
{
	const bool by_itself = event->id == TRACE_RELEASE && event->call >= TRACE_CALL_CLOSE;

	if (event->id == TRACE_WAIT)
		printf(" waits");
	else if (by_itself)
		printf(" lets go of %s",
		       trace_family_names[event->asked ? event->asked : event->used]);
	else if (event->id != TRACE_HAZARD)
		put_result(event);
	if (event->asked && event->used && event->used != event->asked)
		printf(" as %s", trace_family_names[event->used]);
	else if (event->id == TRACE_LOCK && !event->error && !event->used)
		printf(", without a lock");
	if (event->id == TRACE_WAIT && event->blocker)
		printf(" for pid %" PRId32, event->blocker);
	else if (event->blocker)
		printf(", held by pid %" PRId32, event->blocker);
}

static void put_flags(const struct trace_event *event)
{
	static const struct {
		uint32_t flag;
		const char *text;
	} rows[] = {
		{ TRACE_KEEPER, ", by a keeper" },
		{ TRACE_LOST, ", what was held is lost" },
		{ TRACE_SHADOW, ", shadow" },
	};

	if (has(event, TRACE_CONVERTED))
		printf(event->operation == TRACE_EXCLUSIVE ? ", upgraded" : ", downgraded");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (has(event, rows[i].flag))
			printf("%s", rows[i].text);
	}
}

static void put_measured(const struct trace_event *event)
{
	if (event->call == TRACE_CALL_LOCKF && event->start)
		printf(", from byte %" PRId64, event->start);
	if (has(event, TRACE_WAITED))
		printf(", waited %s", cli_duration_text(event->waited));
	if (has(event, TRACE_HELD))
		printf(", held %s", cli_duration_text(event->held));
}

static void put_hazards(uint32_t hazards)
{
	const char *before = ", hazard ";

	for (unsigned i = 0; i < TRACE_HAZARD_COUNT; i++) {
		if (!(hazards >> i & 1))
			continue;
		printf("%s%s", before, trace_hazard_names[i]);
		before = "+";
	}
}

/* Asked for many records of one second. */
static const struct tm *local_time(const struct trace_event *event)
{
	static time_t last;
	static struct tm local;
	const time_t now = (time_t)(event->time / SECOND);

	if ((now != last || !local.tm_mday) && !localtime_r(&now, &local))
		local = (struct tm){ .tm_mday = 1 };
	last = now;
	return &local;
}

static void put_time(const struct trace_event *event)
{
	const struct tm *local = local_time(event);

	printf("%02d:%02d:%02d.%06u ", local->tm_hour, local->tm_min, local->tm_sec,
	       (unsigned)(event->time % SECOND / 1000));
}

static void put_process(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	printf("%s[%" PRIu32, cli_escape(record->process->program), event->pid);
	if (event->tid != event->pid)
		printf("/%" PRIu32, event->tid);
	printf("] ");
}

static void put_line(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	put_time(event);
	put_process(record);
	printf("%s(", calls[event->call].name);
	put_file(record);
	if (calls[event->call].put_arguments)
		calls[event->call].put_arguments(event);
	putchar(')');
	put_outcome(event);
	put_flags(event);
	put_measured(event);
	if (record->rule)
		printf(", rule %s", cli_escape(record->rule));
	put_hazards(event->hazards);
	putchar('\n');
}

/* A trace may go over days, and be read later. */
static void put_day(const struct trace_event *event)
{
	static struct tm last;
	const struct tm *local = local_time(event);
	char day[64];

	if (local->tm_yday == last.tm_yday && local->tm_year == last.tm_year && last.tm_mday)
		return;
	last = *local;
	if (strftime(day, sizeof(day), "%Y-%m-%d %Z", local))
		printf("-- %s\n", day);
}

void cli_trace_print_text(const struct trace_record *record)
{
	put_day(&record->event);
	put_line(record);
}

void cli_trace_print_pending(const struct trace_record *record)
{
	static bool said;

	if (!said)
		printf("-- still waiting at the end\n");
	said = true;
	put_line(record);
}
