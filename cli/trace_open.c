/* SPDX-License-Identifier: MIT
 * Opens a trace for a person: what is wrong with it is said, and the rest is read. */
#include "cli/trace_open.h"
#include "cli/escape.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

const char *cli_trace_directory(const struct cli_arguments *arguments)
{
	const char *from_environment = getenv("LOCKSHIM_TRACE");

	if (arguments->operands_count > 1) {
		warnx("%s: unexpected argument", arguments->operands[1]);
		return NULL;
	}
	if (arguments->operands_count)
		return arguments->operands[0];
	if (from_environment && *from_environment)
		return from_environment;
	warnx("no trace given: name its directory, or set LOCKSHIM_TRACE");
	return NULL;
}

static bool damaged;

/* Whoever may write to the directory chose the names in it. */
static void warn_damaged(const struct trace_damage *damage, void *context)
{
	(void)context;
	damaged = true;
	warnx("%s: %s", cli_escape(damage->file), damage->what);
}

bool cli_trace_is_damaged(void)
{
	return damaged;
}

static int say(const struct trace_damage *err, bool is_missing)
{
	warnx("%s: %s%s", cli_escape(err->file), err->what,
	      is_missing ? "; what runs with LOCKSHIM_TRACE set to it writes a trace" : "");
	return CLI_FAILED;
}

static bool is_missing(int error)
{
	return error == -ENOENT || error == -ENODATA;
}

int cli_trace_open_once_there(const char *directory, struct trace_reader **ret)
{
	struct trace_damage err;
	int error = trace_reader_open(ret, directory, warn_damaged, NULL, &err);

	if (error)
		*ret = NULL;
	return error && !is_missing(error) ? say(&err, false) : CLI_OK;
}

int cli_trace_open(const char *directory, struct trace_reader **ret)
{
	struct trace_damage err;
	int error = trace_reader_open(ret, directory, warn_damaged, NULL, &err);

	return error ? say(&err, is_missing(error)) : CLI_OK;
}

void cli_trace_say_discarded(const struct trace_reader *reader)
{
	uint64_t discarded = trace_reader_discarded(reader);

	if (discarded)
		warnx("%" PRIu64 " events are not in the trace, for want of room (trace-size, "
		      "lockshim.conf(5))",
		      discarded);
}
