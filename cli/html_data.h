/* SPDX-License-Identifier: MIT
 * The data of a page, as JSON. The layout is no promise: the page and its data are one file.
 *
 * directory, version; origin: ns of CLOCK_REALTIME, as text; length: ns; events, discarded
 * left: calls merged, spans they are merged into, calls dropped, holds forgotten
 * words: by the numbers of trace/event.h; errors by errno; contention: errnos that tell of it
 * names: texts, which the rest has by their places; -1: none
 * processes: [pid, uid, program, ns since the origin]; lanes: [process, tid]
 * files: [path, "MAJOR:MINOR", inode]; sites: [module, offset, symbol]
 * calls, each 13 numbers: call, operation, asked, used, flags, fd, error, hazards, file, start,
 *   length, rule, site
 * spans by begin, each 8: lane, ns since the span before, length, state (enum cli_html_state),
 * call, call that let go or -1, calls, of merged ones the time held, of a wait its holders
 * blockers, each 3: span that waited, span that held, 1: the lock went from one to the other
 * outsiders, each 2: span that waited, pid that is not traced
 */
#ifndef CLI_HTML_DATA_H
#define CLI_HTML_DATA_H

#include "cli/html_spans.h"
#include "cli/html_text.h"

struct cli_html_data {
	const char *directory;
	uint64_t begin, end; /* times of the first record and the last */
	uint64_t events, discarded, forgotten;
};

/* Sorts the spans of STORE. */
void cli_html_data_put(struct cli_html_text *text, const struct cli_html_data *data,
		       struct cli_html_spans *store);

#endif
