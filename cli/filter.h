/* SPDX-License-Identifier: MIT
 * Which records of a trace are asked for: --path, --program, --pid, --operation, --min-wait. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/cli.h"
#include "trace/reader.h"

#define CLI_FILTER_CACHE 1024

/* A glob's answer for a text, found again by the text's address: a reader has each text once. */
struct cli_filter_answer {
	const void *text;
	bool fits;
};

struct cli_filter {
	const struct cli_texts *paths, *programs;
	uint32_t *pids;
	size_t pids_count;
	unsigned operations, ids; /* bits: 1 << the enum's; both 0: any */
	uint64_t min_wait;
	struct cli_filter_answer answers[CLI_FILTER_CACHE];
};

/* CLI_OK, or CLI_WRONG and it was said what is wrong. ARGUMENTS must live as long. */
int cli_filter_make(const struct cli_arguments *arguments, struct cli_filter *ret);

/* For the records of one reader. */
bool cli_filter_fits(struct cli_filter *filter, const struct trace_record *record);

#endif
