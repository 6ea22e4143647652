/* SPDX-License-Identifier: MIT
 * make_trace [-a] DIR <SCRIPT: a trace directory as the library would have left it, for tests of
 * what reads one. -a: in a directory that is there; what a script with the same beginning made
 * grows by the rest. make_trace.h has the script's words. */
#include "tests/support/make_trace.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line whose stream and names are found, so that it can be written millions of times. */
struct ready {
	struct trace_line line;
	struct trace_file *stream;
};

struct block {
	struct ready *lines;
	size_t count, room;
	unsigned long times;
};

static uint64_t last;

static uint64_t time_of(const struct trace_line *line)
{
	return line->relative ? last + line->after : line->after;
}

static struct ready find(struct trace_line line)
{
	struct ready ready = { line, trace_files_stream(&line.owner) };
	struct trace_event *event = &ready.line.event;

	event->time = time_of(&line);
	if (line.file)
		event->file = trace_files_name(ready.stream, TRACE_NAME_FILE, event, line.file);
	if (line.rule)
		event->rule = trace_files_name(ready.stream, TRACE_NAME_RULE, event, line.rule);
	if (line.module)
		event->module =
			trace_files_name(ready.stream, TRACE_NAME_MODULE, event, line.module);
	trace_files_discard(ready.stream, line.discarded);
	return ready;
}

static void write_out(struct ready *ready)
{
	ready->line.event.time = last = time_of(&ready->line);
	trace_files_add(ready->stream, &ready->line.event);
}

static void add(struct block *block, const struct trace_line *line)
{
	if (block->count == block->room) {
		block->room = block->room * 2 + 16;
		block->lines = realloc(block->lines, block->room * sizeof(*block->lines));
		if (!block->lines)
			err(1, "memory");
	}
	block->lines[block->count++] = find(*line);
}

static void write_block(struct block *block)
{
	for (unsigned long i = 0; i < block->times; i++) {
		for (size_t at = 0; at < block->count; at++)
			write_out(&block->lines[at]);
	}
	*block = (struct block){ .lines = block->lines, .room = block->room };
}

static const char *obey(char *text, struct block *block)
{
	struct trace_line line;
	const char *wrong;
	struct ready ready;

	if (!strncmp(text, "repeat ", 7)) {
		block->times = strtoul(text + 7, NULL, 10);
		return block->times ? NULL : "repeat wants a number";
	}
	if (!strcmp(text, "end")) {
		write_block(block);
		return NULL;
	}
	wrong = trace_line_read(text, &line);
	if (wrong)
		return wrong;
	if (block->times) {
		add(block, &line);
		return NULL;
	}
	ready = find(line);
	write_out(&ready);
	return NULL;
}

int main(int argc, char **argv)
{
	const bool more = argc == 3 && !strcmp(argv[1], "-a");
	struct block block = { 0 };
	char *text = NULL;
	size_t room = 0;
	unsigned number = 0;

	if (argc != 2 && !more)
		errx(2, "usage: make_trace [-a] DIR <SCRIPT");
	trace_files_begin(argv[argc - 1], more);
	while (getline(&text, &room, stdin) > 0) {
		const char *wrong;

		number++;
		text[strcspn(text, "\n")] = '\0';
		text += strspn(text, " \t");
		wrong = !*text || *text == '#' ? NULL : obey(text, &block);
		if (wrong)
			errx(2, "line %u: %s", number, wrong);
		text = NULL;
		room = 0;
	}
	trace_files_end();
	free(block.lines);
	return 0;
}
