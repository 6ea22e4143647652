/* SPDX-License-Identifier: MIT
 * From the records of a trace to the spans of a page. */
#ifndef CLI_HTML_COLLECT_H
#define CLI_HTML_COLLECT_H

#include "cli/filter.h"
#include "cli/html_data.h"
#include "cli/html_spans.h"

#define CLI_HTML_HOLDERS 6 /* of one wait that are named */

struct cli_html_holder {
	uint64_t hold; /* cli_lock.number; 0: none */
	uint64_t time; /* that it was in the way */
};

/* What is known of a wait that is not over. */
struct cli_html_waiting {
	struct cli_html_waiting *next;
	uint64_t handed; /* the hold whose lock it got, or 0 */
	struct cli_html_holder holders[CLI_HTML_HOLDERS];
};

struct cli_html_page {
	struct cli_html_spans store;
	struct cli_html_data data;
	struct cli_filter filter, waits; /* WAITS: for records that begin a wait */
	const struct trace_record *now;  /* the one that is being taken, or NULL */
	struct cli_html_waiting *free_waiting;
	struct cli_html_set needed; /* uint64_t: holds that only a wait for them brings in */
};

/* Reads all there is. `store` and `filter` are made before. */
void cli_html_collect(struct cli_html_page *page, struct trace_reader *reader);

#endif
