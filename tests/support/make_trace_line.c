/* SPDX-License-Identifier: MIT
 * The words of a script's line, by one table. */
#include "tests/support/make_trace.h"
#include "tests/support/make_trace_values.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const flag_names[] = { "blocking",  "waited",    "held",      "lost",   "keeper",
					  "inherited", "read-only", "converted", "shadow", NULL };
static const char *const family_names[] = { "flock", "OFD", "POSIX", NULL };

enum kind { NUMBER, TIME, WHEN, WORD, BITS, ERRNO, DEVICE, TEXT, PROGRAM, SITE };

#define EVENT(field)                                                                               \
	offsetof(struct trace_line, event.field), sizeof(((struct trace_event *)0)->field)
#define OWNER(field)                                                                               \
	offsetof(struct trace_line, owner.field), sizeof(((struct trace_owner *)0)->field)
#define LINE(field) offsetof(struct trace_line, field), sizeof(((struct trace_line *)0)->field)

static const struct key {
	const char *name;
	enum kind kind;
	size_t offset, size;
	const char *const *words;
} keys[] = {
	{ "t", WHEN, LINE(after), NULL },
	{ "pid", NUMBER, OWNER(pid), NULL },
	{ "tid", NUMBER, OWNER(tid), NULL },
	{ "uid", NUMBER, OWNER(uid), NULL },
	{ "word", NUMBER, OWNER(word), NULL },
	{ "life", NUMBER, OWNER(life), NULL },
	{ "part", NUMBER, OWNER(part), NULL },
	{ "prog", PROGRAM, OWNER(program), NULL },
	{ "id", WORD, EVENT(id), trace_id_names },
	{ "call", WORD, EVENT(call), trace_call_names },
	{ "op", WORD, EVENT(operation), trace_operation_names },
	{ "asked", BITS, EVENT(asked), family_names },
	{ "used", BITS, EVENT(used), family_names },
	{ "flags", BITS, EVENT(flags), flag_names },
	{ "fd", NUMBER, EVENT(fd), NULL },
	{ "err", ERRNO, EVENT(error), NULL },
	{ "hazards", BITS, EVENT(hazards), trace_hazard_names },
	{ "dev", DEVICE, EVENT(device), NULL },
	{ "ino", NUMBER, EVENT(inode), NULL },
	{ "start", NUMBER, EVENT(start), NULL },
	{ "len", NUMBER, EVENT(length), NULL },
	{ "waited", TIME, EVENT(waited), NULL },
	{ "held", TIME, EVENT(held), NULL },
	{ "blocker", NUMBER, EVENT(blocker), NULL },
	{ "discarded", NUMBER, LINE(discarded), NULL },
	{ "file", TEXT, LINE(file), NULL },
	{ "rule", TEXT, LINE(rule), NULL },
	{ "site", SITE, LINE(module), NULL },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* The low bytes: the fields are 1, 4 or 8 long. */
static void store(const struct key *key, int64_t value, struct trace_line *ret)
{
	char *at = (char *)ret + key->offset;

	if (key->size == 1)
		*(uint8_t *)at = (uint8_t)value;
	else if (key->size == 4)
		*(uint32_t *)at = (uint32_t)value;
	else
		*(uint64_t *)at = (uint64_t)value;
}

static bool read_text(const struct key *key, char *text, struct trace_line *ret)
{
	char *plus = strrchr(text, '+');

	if (key->kind == PROGRAM) {
		make_trace_undo_escapes(text);
		strncpy(ret->owner.program, text, sizeof(ret->owner.program) - 1);
		return true;
	}
	if (key->kind == SITE) {
		if (!plus)
			return false;
		ret->event.offset = strtoull(plus + 1, NULL, 0);
		*plus = '\0';
	}
	make_trace_undo_escapes(text);
	*(char **)((char *)ret + key->offset) = text;
	return true;
}

static bool read_value(const struct key *key, char *text, struct trace_line *ret)
{
	int64_t value = 0;
	bool good = false;

	switch (key->kind) {
	case NUMBER:
		good = make_trace_read_number(text, &value);
		break;
	case TIME:
		good = make_trace_read_time(text, &value);
		break;
	case WHEN:
		ret->relative = *text == '+';
		good = make_trace_read_time(text + ret->relative, &value);
		break;
	case WORD:
		good = make_trace_read_word(text, key->words, &value);
		break;
	case BITS:
		good = make_trace_read_bits(text, key->words, &value);
		break;
	case ERRNO:
		good = make_trace_read_error(text, &value);
		break;
	case DEVICE:
		good = make_trace_read_device(text, &value);
		break;
	case TEXT:
	case PROGRAM:
	case SITE:
		return read_text(key, text, ret);
	}
	if (good)
		store(key, value, ret);
	return good;
}

static const char *read_pair(char *word, uint64_t *ret_seen, struct trace_line *ret)
{
	char *value = strchr(word, '=');

	if (!value)
		return "a word without =";
	*value++ = '\0';
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, word))
			continue;
		*ret_seen |= (uint64_t)1 << i;
		return read_value(&keys[i], value, ret) ? NULL : keys[i].name;
	}
	return "a key that there is not";
}

static uint64_t hash(const char *text)
{
	uint64_t sum = 14695981039346656037u;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 1099511628211u;
	return sum;
}

static bool has(uint64_t seen, const char *name)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (!strcmp(keys[i].name, name))
			return seen >> i & 1;
	}
	return false;
}

/* What the line left out. */
static void complete(uint64_t seen, struct trace_line *line)
{
	static const uint8_t families[TRACE_CALL_COUNT] = {
		[TRACE_CALL_FLOCK] = TRACE_FAMILY_FLOCK,
		[TRACE_CALL_FCNTL] = TRACE_FAMILY_POSIX,
		[TRACE_CALL_OFD] = TRACE_FAMILY_OFD,
		[TRACE_CALL_LOCKF] = TRACE_FAMILY_POSIX,
	};
	struct trace_event *event = &line->event;

	if (!has(seen, "tid"))
		line->owner.tid = line->owner.pid;
	if (!has(seen, "op") && event->id == TRACE_RELEASE)
		event->operation = TRACE_UNLOCK;
	if (!has(seen, "asked"))
		event->asked = families[event->call];
	if (!has(seen, "used"))
		event->used = event->asked;
	if (has(seen, "waited"))
		event->flags |= TRACE_WAITED | TRACE_BLOCKING;
	if (event->id == TRACE_WAIT)
		event->flags |= TRACE_BLOCKING;
	if (has(seen, "held"))
		event->flags |= TRACE_HELD;
	if (line->file && !has(seen, "dev"))
		event->device = (uint64_t)8 << 32 | 1;
	if (line->file && !has(seen, "ino"))
		event->inode = hash(line->file) >> 40;
	event->pid = line->owner.pid;
	event->tid = line->owner.tid;
}

const char *trace_line_read(char *text, struct trace_line *ret)
{
	uint64_t seen = 0;
	char *rest = NULL;

	*ret = (struct trace_line){
		.owner = { .pid = 1000, .word = 64, .program = "prog" },
		.event = { .id = TRACE_LOCK, .operation = TRACE_EXCLUSIVE, .fd = 3 },
		.relative = true,
		.after = 1000,
	};
	for (char *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		const char *wrong = read_pair(word, &seen, ret);

		if (wrong)
			return wrong;
	}
	complete(seen, ret);
	return NULL;
}
