/* SPDX-License-Identifier: MIT
 * lockshim trace: prints the records of a trace in the order of their times, and goes on as it
 * grows. */
#include "cli/escape.h"
#include "cli/filter.h"
#include "cli/options.h"
#include "cli/trace_open.h"
#include "cli/trace_pending.h"
#include "cli/trace_print.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAUSE 50000000 /* nanoseconds between looks: a mapping that is written tells nobody */

static volatile sig_atomic_t asked_to_end;

static void note_end(int number)
{
	(void)number;
	asked_to_end = 1;
}

/* They come only while we wait, so that no record is cut. */
static void hold_signals(sigset_t *ret_before)
{
	const struct sigaction action = { .sa_handler = note_end };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, ret_before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* False where nobody reads any more, or the end was asked for. */
static bool pause_a_little(const sigset_t *signals)
{
	const struct timespec pause = { .tv_nsec = PAUSE };
	struct pollfd out = { .fd = 1 };

	if (fflush(stdout))
		return false;
	/* Only POLLERR and its like are told of: of a pipe whose reader is gone. */
	if (ppoll(&out, 1, &pause, signals) > 0)
		return false;
	return !asked_to_end;
}

struct printer {
	struct trace_reader *reader;
	struct cli_filter filter;
	struct cli_pending pending;
	void (*print)(const struct trace_record *record);
};

static void print_all(struct printer *printer)
{
	struct trace_record record;

	while (trace_reader_next(printer->reader, &record)) {
		const bool fits = cli_filter_fits(&printer->filter, &record);

		cli_pending_take(&printer->pending, &record, fits);
		if (fits)
			printer->print(&record);
	}
}

/* A service that is to be traced may not have begun. CLI_OK with no reader: the end came first. */
static int open_when_there(const char *directory, const sigset_t *signals,
			   struct trace_reader **ret)
{
	int status = cli_trace_open_once_there(directory, ret);

	if (status == CLI_OK && !*ret)
		warnx("%s: waiting for a trace in it", cli_escape(directory));
	while (status == CLI_OK && !*ret && pause_a_little(signals))
		status = cli_trace_open_once_there(directory, ret);
	return status;
}

static int follow(struct printer *printer, const char *directory)
{
	sigset_t signals;
	int status, error;

	hold_signals(&signals);
	status = open_when_there(directory, &signals, &printer->reader);
	if (!printer->reader)
		return status;
	for (;;) {
		print_all(printer);
		if (!pause_a_little(&signals))
			return CLI_OK;
		error = trace_reader_refresh(printer->reader);
		if (error)
			errx(CLI_FAILED, "%s: %s", cli_escape(directory), strerror(-error));
	}
}

static int print_once(struct printer *printer, const char *directory)
{
	int status = cli_trace_open(directory, &printer->reader);

	if (status == CLI_OK)
		print_all(printer);
	return status;
}

static int run(const struct cli_arguments *arguments)
{
	static struct printer printer;
	const char *directory = cli_trace_directory(arguments);
	int status;

	if (!directory)
		return cli_options_hint(&cli_cmd_trace);
	status = cli_filter_make(arguments, &printer.filter);
	if (status != CLI_OK)
		return status;
	printer.print = arguments->json ? cli_trace_print_json : cli_trace_print_text;
	status = arguments->follow ? follow(&printer, directory) : print_once(&printer, directory);
	if (!printer.reader)
		return status;
	if (!arguments->json)
		cli_pending_print(&printer.pending);
	cli_trace_say_discarded(printer.reader);
	trace_reader_close(printer.reader);
	return status == CLI_OK && cli_trace_is_damaged() ? CLI_FAILED : status;
}

const struct cli_command cli_cmd_trace = {
	.name = "trace",
	.synopsis = "[options] [<directory>]",
	.summary = "Print the lock calls that a trace holds.",
	.takes = CLI_TAKES_FILTER | 1u << CLI_OPTION_FOLLOW | 1u << CLI_OPTION_JSON,
	.more_help = "Without a directory LOCKSHIM_TRACE names it. Each of --path, --program and\n"
		     "--pid may be repeated: then one of them has to fit.\n",
	.run = run,
};
