/* SPDX-License-Identifier: MIT
 * A record as one line of JSON. lockshim(1) has the fields, whose names and order are promised. */
#include "cli/trace_print.h"

#include "policy/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The length of the UTF-8 sequence at TEXT, or 0 where there is none. */
static int sequence(const unsigned char *text)
{
	static const struct {
		unsigned char first, last, low, high; /* of the first byte, and of the second */
		int len;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int len = 2;

		if (text[0] < rows[i].first || text[0] > rows[i].last)
			continue;
		if (text[1] < rows[i].low || text[1] > rows[i].high)
			return 0;
		while (len < rows[i].len && text[len] >= 0x80 && text[len] <= 0xbf)
			len++;
		return len == rows[i].len ? len : 0;
	}
	return 0;
}

/* A byte that is no UTF-8 becomes the surrogate that Python reads back as that byte. */
static void put_text(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	putchar('"');
	while (*at) {
		int len = *at < 0x80 ? 1 : sequence(at);

		if (!len)
			printf("\\udc%02x", *at);
		else if (*at == '"' || *at == '\\')
			printf("\\%c", *at);
		else if (*at < ' ' || *at == 0x7f)
			printf("\\u%04x", *at);
		else
			fwrite(at, 1, (size_t)len, stdout);
		at += len ? len : 1;
	}
	putchar('"');
}

static void put_named(const char *key, const char *text)
{
	printf(",\"%s\":", key);
	if (text)
		put_text(text);
	else
		printf("null");
}

static void put_bits(const char *key, const char *const *names, unsigned count, uint32_t bits)
{
	const char *before = "";

	printf(",\"%s\":[", key);
	for (unsigned i = 0; i < count; i++) {
		if (!(bits >> i & 1))
			continue;
		printf("%s\"%s\"", before, names[i]);
		before = ",";
	}
	putchar(']');
}

/* null where it was not measured. */
static void put_measured(const char *key, bool measured, uint64_t value)
{
	if (measured)
		printf(",\"%s\":%" PRIu64, key, value);
	else
		printf(",\"%s\":null", key);
}

static void put_who(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	printf("{\"time\":%" PRIu64 ",\"event\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32,
	       event->time, trace_id_names[event->id], event->pid, event->tid);
	put_named("program", record->process->program);
	printf(",\"process\":\"%" PRIx64 "\",\"uid\":%" PRIu32, record->process->process,
	       record->process->uid);
}

static void put_call(const struct trace_event *event)
{
	static const char *const flags[] = { "blocking",  "waited",    "held",
					     "lost",      "keeper",    "inherited",
					     "read-only", "converted", "shadow" };

	printf(",\"call\":\"%s\",\"operation\":\"%s\",\"asked\":\"%s\",\"used\":\"%s\"",
	       trace_call_names[event->call], trace_operation_names[event->operation],
	       trace_family_names[event->asked], trace_family_names[event->used]);
	put_bits("flags", flags, sizeof(flags) / sizeof(flags[0]), event->flags);
	printf(",\"fd\":%" PRId32 ",\"error\":%" PRId32, event->fd, event->error);
	put_named("errno", event->error ? policy_errno_name(event->error) : NULL);
	put_bits("hazards", trace_hazard_names, TRACE_HAZARD_COUNT, event->hazards);
}

static void put_file(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	printf(",\"device\":\"%" PRIu64 ":%" PRIu64 "\",\"inode\":%" PRIu64, event->device >> 32,
	       event->device & UINT32_MAX, event->inode);
	put_named("path", record->file);
	printf(",\"start\":%" PRId64 ",\"length\":%" PRId64, event->start, event->length);
}

void cli_trace_print_json(const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	put_who(record);
	put_call(event);
	put_file(record);
	put_measured("waited", event->flags & TRACE_WAITED, event->waited);
	put_measured("held", event->flags & TRACE_HELD, event->held);
	printf(",\"blocker\":%" PRId32, event->blocker);
	put_named("rule", record->rule);
	put_named("module", record->module);
	printf(",\"offset\":%" PRIu64 "}\n", event->offset);
}
