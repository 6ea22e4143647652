/* SPDX-License-Identifier: MIT
 * Reads the trace, and prints nothing that would not be read as a policy. */
#include "cli/advise_trace.h"
#include "cli/advise_trace_plan.h"
#include "cli/advise_trace_print.h"
#include "cli/filter.h"
#include "cli/memory.h"
#include "cli/trace_open.h"

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

/* An operation or a wait alone would say nothing of the program. */
static int make_filter(struct cli_arguments *arguments, struct cli_filter *ret)
{
	arguments->operation = NULL;
	arguments->min_wait = NULL;
	return cli_filter_make(arguments, ret);
}

static const struct advise_whole *read_all(struct trace_reader *reader, struct cli_filter *filter)
{
	struct advise_facts *facts = advise_facts_new();
	struct trace_record record;

	while (trace_reader_next(reader, &record) > 0)
		advise_facts_take(facts, &record, cli_filter_fits(filter, &record));
	advise_facts_end(facts);
	return advise_facts_whole(facts);
}

static char *write_policy(const char *directory, const struct trace_reader *reader,
			  const struct advise_whole *whole, size_t *ret_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);
	struct advise_rule *rules;
	size_t count;

	if (!out)
		err(CLI_FAILED, "cannot write the policy");
	rules = advise_plan(whole, &count);
	advise_print_head(out, directory, whole, trace_reader_discarded(reader));
	advise_print_rules(out, rules, count);
	if (fclose(out))
		err(CLI_FAILED, "cannot write the policy");
	return text;
}

/* A trace is not to be trusted: that no name of it makes a rule of its own is seen to once more. */
static bool is_policy(const char *text, size_t len)
{
	struct policy_trust trust = { .user = geteuid() };
	struct policy_error error = { 0 };
	struct policy *policy;

	if (!policy_parse(&policy, "advice", text, len, &trust, &cli_memory_for_policy, &error))
		return true;
	warnx("the names in this trace make no policy: line %u: %s", error.line, error.text);
	return false;
}

int cli_report_advise(const struct cli_arguments *arguments)
{
	const char *directory = cli_trace_directory(arguments);
	struct cli_arguments chosen = *arguments;
	struct trace_reader *reader;
	struct cli_filter filter;
	int status = directory ? make_filter(&chosen, &filter) : CLI_WRONG;
	size_t len;
	char *text;

	if (status == CLI_OK)
		status = cli_trace_open(directory, &reader);
	if (status != CLI_OK)
		return status;
	text = write_policy(directory, reader, read_all(reader, &filter), &len);
	trace_reader_close(reader);
	if (is_policy(text, len))
		fwrite(text, 1, len, stdout);
	else
		status = CLI_FAILED;
	free(text);
	return status;
}
