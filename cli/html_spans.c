/* SPDX-License-Identifier: MIT
 * The store of a page's spans. */
#include "cli/html_spans.h"

/* Of an edge's 24 bytes, what may be kept for each span at most before it is thinned. */
enum { EDGES_OF_A_SPAN = 4 };

void cli_html_spans_init(struct cli_html_spans *store, size_t most)
{
	*store = (struct cli_html_spans){
		.calls.size = sizeof(struct cli_html_call),
		.lanes.size = sizeof(struct cli_html_lane),
		.most = most,
	};
}

void cli_html_spans_add(struct cli_html_spans *store, const struct cli_html_span *span,
			const struct cli_html_call *call, const struct cli_html_call *release)
{
	struct cli_html_span *at;

	if (store->count >= store->most || store->edges_count >= store->most * EDGES_OF_A_SPAN)
		cli_html_thin(store, store->count / 2);
	store->spans =
		cli_html_grow(store->spans, store->count, &store->room, sizeof(*store->spans));
	at = &store->spans[store->count++];
	*at = *span;
	at->call = cli_html_set_add(&store->calls, call);
	at->release = release ? cli_html_set_add(&store->calls, release) : CLI_HTML_NONE;
}

void cli_html_spans_edge(struct cli_html_spans *store, uint64_t wait, uint64_t hold, bool handed)
{
	store->edges = cli_html_grow(store->edges, store->edges_count, &store->edges_room,
				     sizeof(*store->edges));
	store->edges[store->edges_count++] =
		(struct cli_html_edge){ .wait = wait, .hold = hold, .handed = handed };
}
