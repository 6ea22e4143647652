/* SPDX-License-Identifier: MIT
 * By the reader of the command. */
#include "tests/preload/traced.h"

static const char *const flag_names[] = { "blocking", "waited",    "held",      "lost",  "keeper",
					  "shared",   "read-only", "converted", "shadow" };

static char text[16 << 20];
static size_t used;

static void add(const char *word)
{
	used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
				 used && text[used - 1] != '\n' ? " " : "", word);
	assert_true(used < sizeof text);
}

static void add_event(const struct trace_event *event)
{
	char number[64];
	unsigned i;

	add(trace_id_names[event->id]);
	add(trace_call_names[event->call]);
	add(trace_operation_names[event->operation]);
	add(trace_family_names[event->asked]);
	add(trace_family_names[event->used]);
	for (i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++)
		if (event->flags & 1u << i)
			add(flag_names[i]);
	for (i = 0; i < TRACE_HAZARD_COUNT; i++)
		if (event->hazards & 1u << i)
			add(trace_hazard_names[i]);
	if (event->error) {
		snprintf(number, sizeof number, "error %d", event->error);
		add(number);
	}
	if (event->start || event->length) {
		snprintf(number, sizeof number, "%lld+%lld", (long long)event->start,
			 (long long)event->length);
		add(number);
	}
	if (event->blocker)
		add("blocker");
	text[used++] = '\n';
}

/* The thread sanitizer wraps close and its kin, and so is who calls us. */
static bool is_caller(const struct trace_record *record)
{
#ifdef __SANITIZE_THREAD__
	if (record->event.call == TRACE_CALL_CLOSE && strstr(record->module, "libtsan"))
		return true;
#endif
	return strstr(record->module, "test_preload_traced");
}

static void check(const struct place *place, const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	assert_int_not_equal(event->time, 0);
	assert_int_equal(event->pid, record->process->pid);
	assert_int_not_equal(event->tid, 0);
	assert_int_equal(!!event->waited, event->flags & 1u << 1 ? 1 : 0);
	if (event->id == TRACE_HAZARD || event->error == EBADF)
		return;
	assert_non_null(record->file);
	assert_string_equal(record->file, place->file);
	assert_int_not_equal(event->inode, 0);
	assert_non_null(record->rule);
	assert_string_equal(record->rule, "LOCKSHIM_SET");
	if (event->call == TRACE_CALL_EXIT)
		return;
	assert_non_null(record->module);
	assert_true(is_caller(record));
	assert_int_not_equal(event->offset, 0);
}

void traced_damaged(const struct trace_damage *damage, void *context)
{
	(void)context;
	fail_msg("%s: %s", damage->file, damage->what);
}

void traced_each(const struct place *place, traced_see *see, void *context)
{
	char directory[sizeof place->directory + 8];
	struct trace_reader *reader;
	struct trace_record record;
	struct trace_damage err = { 0 };

	snprintf(directory, sizeof directory, "%s/trace", place->directory);
	assert_int_equal(trace_reader_open(&reader, directory, traced_damaged, NULL, &err), 0);
	while (trace_reader_next(reader, &record))
		see(&record, context);
	assert_int_equal(trace_reader_discarded(reader), 0);
	trace_reader_close(reader);
}

static void add_line(const struct trace_record *record, void *place)
{
	check(place, record);
	add_event(&record->event);
}

const char *traced_lines(const struct place *place)
{
	used = 0;
	text[0] = '\0';
	traced_each(place, add_line, (void *)(uintptr_t)place);
	text[used] = '\0';
	return text;
}

static void remove_trace(const struct place *place)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s/trace", place->directory);
	assert_int_equal(host_command(command), 0);
}

void run_traced(const char *name, const struct place *place, const char *set)
{
	char variable[256];

	if (!shimmed())
		skip();
	remove_trace(place);
	snprintf(variable, sizeof variable, "%s;trace-directory=%s/trace", set, place->directory);
	assert_scenario(name, place, variable, NULL);
}

void assert_traced(const char *name, const struct place *place, const char *set,
		   const char *expected)
{
	run_traced(name, place, set);
	assert_string_equal(traced_lines(place), expected);
	remove_trace(place);
}
