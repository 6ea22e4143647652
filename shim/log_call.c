/* SPDX-License-Identifier: MIT
 * The words of each call, each in a table by the event's own numbers. */
#include "shim/log_call.h"

#include "policy/policy.h"

#define PATH_MOST 320
#define RULE_MOST 160

#define FAMILIES (TRACE_FAMILY_FLOCK | TRACE_FAMILY_OFD | TRACE_FAMILY_POSIX)

static const char *const flock_names[TRACE_OPERATION_COUNT] = { "LOCK_SH", "LOCK_EX", "LOCK_UN" };
static const char *const type_names[TRACE_OPERATION_COUNT] = { "F_RDLCK", "F_WRLCK", "F_UNLCK" };

static bool has(const struct trace_event *event, uint32_t flag)
{
	return event->flags & flag;
}

/* A number from the event that may be newer than its table. */
static const char *operation_name(const char *const names[], const struct trace_event *event)
{
	return event->operation < TRACE_OPERATION_COUNT ? names[event->operation] : "?";
}

static void put_flock(struct log_line *line, const struct trace_event *event)
{
	log_put(line, ", ");
	log_put(line, operation_name(flock_names, event));
	if (event->operation != TRACE_UNLOCK && !has(event, TRACE_BLOCKING))
		log_put(line, "|LOCK_NB");
}

static void put_section(struct log_line *line, const struct trace_event *event, const char *prefix)
{
	log_put(line, ", ");
	log_put(line, prefix);
	log_put(line, event->id == TRACE_QUERY     ? "GETLK"
		      : has(event, TRACE_BLOCKING) ? "SETLKW"
						   : "SETLK");
	log_put(line, ", {l_type=");
	log_put(line, operation_name(type_names, event));
	log_put(line, ", l_whence=SEEK_SET, l_start=");
	log_put_signed(line, event->start);
	log_put(line, ", l_len=");
	log_put_signed(line, event->length);
	log_put(line, "}");
}

static void put_fcntl(struct log_line *line, const struct trace_event *event)
{
	put_section(line, event, "F_");
}

static void put_ofd(struct log_line *line, const struct trace_event *event)
{
	put_section(line, event, "F_OFD_");
}

static void put_lockf(struct log_line *line, const struct trace_event *event)
{
	log_put(line, event->id == TRACE_QUERY           ? ", F_TEST, "
		      : event->operation == TRACE_UNLOCK ? ", F_ULOCK, "
		      : has(event, TRACE_BLOCKING)       ? ", F_LOCK, "
							 : ", F_TLOCK, ");
	log_put_signed(line, event->length);
}

static const struct {
	const char *name;
	void (*put_arguments)(struct log_line *line, const struct trace_event *event);
} calls[TRACE_CALL_COUNT] = {
	[TRACE_CALL_FLOCK] = { "flock", put_flock }, [TRACE_CALL_FCNTL] = { "fcntl", put_fcntl },
	[TRACE_CALL_OFD] = { "fcntl", put_ofd },     [TRACE_CALL_LOCKF] = { "lockf", put_lockf },
	[TRACE_CALL_CLOSE] = { "close", NULL },      [TRACE_CALL_EXIT] = { "exit", NULL },
	[TRACE_CALL_FORK] = { "fork", NULL },        [TRACE_CALL_OTHER] = { "other", NULL },
};

static void put_file(struct log_line *line, const struct trace_event *event, const char *path)
{
	if (event->fd >= 0)
		log_put_signed(line, event->fd);
	if (!path && !event->inode)
		return;
	log_put(line, "<");
	if (path) {
		log_put_name(line, path, PATH_MOST);
	} else {
		log_put_number(line, event->device >> 32);
		log_put(line, ":");
		log_put_number(line, (uint32_t)event->device);
		log_put(line, " inode ");
		log_put_number(line, event->inode);
	}
	log_put(line, ">");
}

static void put_result(struct log_line *line, const struct trace_event *event)
{
	const char *name = policy_errno_name(event->error);

	log_put(line, event->error ? " = -1 " : " = 0");
	if (event->error && name)
		log_put(line, name);
	else if (event->error)
		log_put_signed(line, event->error);
}

/* What a close or an exit let go of; and what a lock call became, where that is not what was asked.
 */
static void put_family(struct log_line *line, const struct trace_event *event)
{
	if (event->id == TRACE_RELEASE && event->call >= TRACE_CALL_CLOSE) {
		log_put(line, " lets go of ");
		log_put(line, trace_family_names[event->asked & FAMILIES]);
	}
	if (!event->used || event->used == event->asked)
		return;
	log_put(line, " as ");
	log_put(line, trace_family_names[event->used & FAMILIES]);
}

static void put_flags(struct log_line *line, const struct trace_event *event)
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
		log_put(line, event->operation == TRACE_EXCLUSIVE ? ", upgraded" : ", downgraded");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (has(event, rows[i].flag))
			log_put(line, rows[i].text);
}

static void put_measured(struct log_line *line, const struct trace_event *event)
{
	if (event->call == TRACE_CALL_LOCKF && event->start) {
		log_put(line, ", from byte ");
		log_put_signed(line, event->start);
	}
	if (event->blocker) {
		log_put(line, ", held by ");
		log_put_signed(line, event->blocker);
	}
	if (has(event, TRACE_WAITED)) {
		log_put(line, ", waited ");
		log_put_duration(line, event->waited);
	}
	if (has(event, TRACE_HELD)) {
		log_put(line, ", held ");
		log_put_duration(line, event->held);
	}
}

static void put_hazards(struct log_line *line, uint32_t hazards)
{
	const char *before = ", hazard ";

	for (unsigned i = 0; i < TRACE_HAZARD_COUNT; i++) {
		if (!(hazards & 1u << i))
			continue;
		log_put(line, before);
		log_put(line, trace_hazard_names[i]);
		before = "+";
	}
}

void log_put_call(struct log_line *line, const struct trace_event *event,
		  const struct log_words *words)
{
	unsigned call = event->call < TRACE_CALL_COUNT ? event->call : TRACE_CALL_OTHER;

	log_put(line, calls[call].name);
	log_put(line, "(");
	put_file(line, event, words->path);
	if (calls[call].put_arguments)
		calls[call].put_arguments(line, event);
	log_put(line, event->id == TRACE_WAIT ? " <unfinished ...>" : ")");
	if (event->id != TRACE_WAIT && event->id != TRACE_HAZARD)
		put_result(line, event);
	put_family(line, event);
	put_flags(line, event);
	put_measured(line, event);
	if (words->rule) {
		log_put(line, ", rule ");
		log_put_name(line, words->rule, RULE_MOST);
	}
	put_hazards(line, event->hazards);
}
