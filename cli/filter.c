/* SPDX-License-Identifier: MIT
 * The filters, the cheapest first; globs are asked once a text. */
#include "cli/filter.h"
#include "cli/duration.h"
#include "cli/memory.h"

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool read_pid(const char *text, uint32_t *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*ret = (uint32_t)value;
	return *text >= '0' && *text <= '9' && !*end && value && value <= INT32_MAX;
}

static bool read_pids(const struct cli_texts *texts, struct cli_filter *ret)
{
	ret->pids = cli_memory_get((texts->count + 1) * sizeof(*ret->pids));
	for (size_t i = 0; i < texts->count; i++) {
		if (!read_pid(texts->at[i], &ret->pids[i])) {
			warnx("--pid %s: no number of a process", texts->at[i]);
			return false;
		}
	}
	ret->pids_count = texts->count;
	return true;
}

static unsigned bit_of(const char *const *names, unsigned count, const char *word, size_t len)
{
	for (unsigned i = 0; i < count; i++) {
		if (strlen(names[i]) == len && !strncmp(names[i], word, len))
			return 1u << i;
	}
	return 0;
}

static bool read_operation(const char *word, size_t len, struct cli_filter *ret)
{
	unsigned operation = bit_of(trace_operation_names, TRACE_OPERATION_COUNT, word, len);
	unsigned id = bit_of(trace_id_names, TRACE_NAME, word, len);

	ret->operations |= operation;
	ret->ids |= id;
	if (!operation && !id)
		warnx("--operation %.*s: it is one of shared, exclusive, unlock, lock, release, "
		      "query, wait, hazard",
		      (int)len, word);
	return operation || id;
}

static bool read_operations(const char *words, struct cli_filter *ret)
{
	while (words) {
		size_t len = strcspn(words, ",");

		if (!read_operation(words, len, ret))
			return false;
		words = words[len] ? words + len + 1 : NULL;
	}
	return true;
}

static bool check_programs(const struct cli_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (strchr(texts->at[i], '/')) {
			warnx("--program %s: a trace has a program's base name, without a slash",
			      texts->at[i]);
			return false;
		}
	}
	return true;
}

int cli_filter_make(const struct cli_arguments *arguments, struct cli_filter *ret)
{
	*ret = (struct cli_filter){ .paths = &arguments->paths, .programs = &arguments->programs };
	if (!check_programs(&arguments->programs) || !read_pids(&arguments->pids, ret) ||
	    !read_operations(arguments->operation, ret))
		return CLI_WRONG;
	if (arguments->min_wait && !cli_duration_read(arguments->min_wait, &ret->min_wait)) {
		warnx("--min-wait %s: it is a number with a unit, as in 10ms, 1.5s, 2m",
		      arguments->min_wait);
		return CLI_WRONG;
	}
	return CLI_OK;
}

static bool has_pid(const struct cli_filter *filter, uint32_t pid)
{
	for (size_t i = 0; i < filter->pids_count; i++) {
		if (filter->pids[i] == pid)
			return true;
	}
	return !filter->pids_count;
}

/* A glob without a slash is for the last part of a path. */
static bool ask_globs(const struct cli_texts *globs, const char *text)
{
	const char *slash = strrchr(text, '/');

	for (size_t i = 0; i < globs->count; i++) {
		const bool whole = !slash || strchr(globs->at[i], '/');

		if (policy_glob(globs->at[i], whole ? text : slash + 1))
			return true;
	}
	return false;
}

static bool fits_globs(struct cli_filter *filter, const struct cli_texts *globs, const char *text)
{
	struct cli_filter_answer *answer;

	if (!globs->count)
		return true;
	if (!text)
		return false;
	answer = &filter->answers[((uintptr_t)text >> 3) % CLI_FILTER_CACHE];
	if (answer->text != text)
		*answer = (struct cli_filter_answer){ text, ask_globs(globs, text) };
	return answer->fits;
}

bool cli_filter_fits(struct cli_filter *filter, const struct trace_record *record)
{
	const struct trace_event *event = &record->event;

	if ((filter->operations | filter->ids) && !(filter->operations >> event->operation & 1) &&
	    !(filter->ids >> event->id & 1))
		return false;
	if (filter->min_wait &&
	    (!(event->flags & TRACE_WAITED) || event->waited < filter->min_wait))
		return false;
	return has_pid(filter, event->pid) &&
	       fits_globs(filter, filter->programs, record->process->program) &&
	       fits_globs(filter, filter->paths, record->file);
}
