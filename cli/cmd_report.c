/* SPDX-License-Identifier: MIT
 * lockshim report: which file, who waits for whom, and how long. */
#include "cli/advise_trace.h"
#include "cli/html.h"
#include "cli/options.h"
#include "cli/perfetto.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/trace_open.h"

#include <err.h>
#include <inttypes.h>
#include <string.h>

static const char *const words[CLI_BY_COUNT] = {
	[CLI_BY_FILE] = "file",
	[CLI_BY_PROGRAM] = "program",
	[CLI_BY_SITE] = "site",
};

static bool choose_by(const char *word, enum cli_report_by *ret)
{
	*ret = CLI_BY_FILE;
	if (!word)
		return true;
	for (unsigned i = 0; i < CLI_BY_COUNT; i++) {
		if (!strcmp(words[i], word)) {
			*ret = (enum cli_report_by)i;
			return true;
		}
	}
	warnx("--by %s: it is one of file, program, site", word);
	return false;
}

static void read_all(struct cli_report *report, struct trace_reader *reader,
		     struct cli_filter *filter)
{
	struct trace_record record;

	cli_report_model_begin(&report->model);
	while (trace_reader_next(reader, &record)) {
		cli_report_model_take(&report->model, &record, cli_report_wants(filter, &record));
		cli_progress_step(reader);
	}
	cli_progress_end();
	cli_report_model_end(&report->model);
	report->discarded = trace_reader_discarded(reader);
}

static void say_forgotten(uint64_t locks)
{
	if (locks)
		warnx("%" PRIu64 " locks were forgotten: of one file the latest are followed, "
		      "lockshim(1)",
		      locks);
}

static int print(const struct cli_arguments *arguments)
{
	struct cli_report report = { .directory = cli_trace_directory(arguments) };
	struct trace_reader *reader;
	struct cli_filter filter;
	int status;

	if (!report.directory || !choose_by(arguments->by, &report.model.by) ||
	    cli_filter_make(arguments, &filter) != CLI_OK ||
	    !cli_report_choose(arguments->output, arguments->json, report.model.by,
			       &report.columns))
		return cli_options_hint(&cli_cmd_report);
	status = cli_trace_open(report.directory, &reader);
	if (status != CLI_OK)
		return status;
	report.min_wait = filter.min_wait;
	read_all(&report, reader, &filter);
	cli_report_sort(&report);
	if (arguments->json)
		cli_report_print_json(&report);
	else
		cli_report_print(&report, !arguments->noheadings);
	cli_trace_say_discarded(reader);
	say_forgotten(cli_holders_forgotten(report.model.holders));
	trace_reader_close(reader);
	return CLI_OK;
}

/* Each reads the trace anew. */
static int run_each(const struct cli_arguments *arguments)
{
	int status = CLI_OK;

	if (!arguments->html && !arguments->perfetto && !arguments->advise)
		return print(arguments);
	if (arguments->html)
		status = cli_report_html(arguments, arguments->html);
	if (status == CLI_OK && arguments->perfetto)
		status = cli_report_perfetto(arguments, arguments->perfetto);
	if (status == CLI_OK && arguments->advise)
		status = cli_report_advise(arguments);
	return status;
}

static int run(const struct cli_arguments *arguments)
{
	int status = run_each(arguments);

	return status == CLI_OK && cli_trace_is_damaged() ? CLI_FAILED : status;
}

const struct cli_command cli_cmd_report = {
	.name = "report",
	.synopsis = "[options] [<directory>]",
	.summary = "Say which files are fought over, and who waits for whom.",
	.takes = CLI_TAKES_FILTER | 1u << CLI_OPTION_JSON | 1u << CLI_OPTION_BY |
		 1u << CLI_OPTION_OUTPUT | 1u << CLI_OPTION_NOHEADINGS | 1u << CLI_OPTION_HTML |
		 1u << CLI_OPTION_PERFETTO | 1u << CLI_OPTION_ADVISE,
	.more_help = "Available output columns:\n"
		     "        LOCKS  requests that were granted\n"
		     "     REQUESTS  requests that were answered\n"
		     "    CONTENDED  share of them that waited, or were refused as others held it\n"
		     "      REFUSED  requests that were refused as others held it\n"
		     "      WAITING  requests not answered by the end of the trace\n"
		     "     WAIT-P50  half of the waits were no longer than this\n"
		     "     WAIT-P99  99 of 100 waits were no longer than this\n"
		     "     WAIT-MAX  the longest wait\n"
		     "   WAIT-TOTAL  all waits together\n"
		     "     HOLD-P50  half of the locks were held no longer than this\n"
		     "     HOLD-P99  99 of 100 locks were held no longer than this\n"
		     "     HOLD-MAX  the longest time that a lock was held\n"
		     "   HOLD-TOTAL  all holding together\n"
		     "       ERRORS  calls with another error\n"
		     "      HAZARDS  what was met, by name\n"
		     "      MAJ:MIN  device of the file\n"
		     "        INODE  inode of the file\n"
		     "         NAME  the file, program or call site\n",
	.run = run,
};
