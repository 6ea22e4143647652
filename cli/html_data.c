/* SPDX-License-Identifier: MIT
 * Writes the data of a page: what it is about, and the spans. */
#include "cli/html_data_inside.h"
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void cli_html_open_key(struct cli_html_out *out, const char *key, const char *bracket)
{
	cli_html_put_raw(out->text, out->text->length > 1 ? ",\"" : "\"");
	cli_html_put_raw(out->text, key);
	cli_html_put_raw(out->text, "\":");
	cli_html_put_raw(out->text, bracket);
}

static uint32_t lane(struct cli_html_out *out, uint32_t number)
{
	return cli_html_set_add(&out->tables.lanes, cli_html_set_at(&out->store->lanes, number));
}

static int64_t call(struct cli_html_out *out, uint32_t number)
{
	if (number == CLI_HTML_NONE)
		return -1;
	return cli_html_set_add(&out->tables.calls, cli_html_set_at(&out->store->calls, number));
}

static void put_span(struct cli_html_out *out, const struct cli_html_span *span, uint64_t before)
{
	struct cli_html_text *text = out->text;
	bool waited = span->state >= CLI_HTML_WAITED && span->state < CLI_HTML_ERROR;

	cli_html_put_number(text, lane(out, span->lane));
	cli_html_put_number(text, span->begin - before);
	cli_html_put_number(text, span->end - span->begin);
	cli_html_put_number(text, span->state);
	cli_html_put_signed(text, call(out, span->call));
	if (span->calls > 1)
		cli_html_put_number(text, span->longest);
	else
		cli_html_put_signed(text, call(out, span->release));
	cli_html_put_number(text, span->calls);
	cli_html_put_number(text, waited || span->calls > 1 ? span->held : 0);
}

static void put_spans(struct cli_html_out *out)
{
	uint64_t before = out->origin;

	cli_html_open_key(out, "spans", "[");
	for (size_t i = 0; i < out->store->count && !out->text->full; i++) {
		put_span(out, &out->store->spans[i], before);
		before = out->store->spans[i].begin;
	}
	cli_html_put_raw(out->text, "]");
}

static void put_blockers(struct cli_html_out *out)
{
	cli_html_open_key(out, "blockers", "[");
	for (size_t i = 0; i < out->store->edges_count; i++) {
		const struct cli_html_edge *edge = &out->store->edges[i];
		const struct cli_html_place *wait = cli_html_find(out, edge->wait);
		const struct cli_html_place *hold = cli_html_find(out, edge->hold);

		if (!wait || !hold)
			continue;
		cli_html_put_number(out->text, wait->at);
		cli_html_put_number(out->text, hold->at);
		cli_html_put_number(out->text, edge->handed);
	}
	cli_html_put_raw(out->text, "]");
}

static void put_outsiders(struct cli_html_out *out)
{
	cli_html_open_key(out, "outsiders", "[");
	for (size_t i = 0; i < out->store->count; i++) {
		if (!out->store->spans[i].blocker)
			continue;
		cli_html_put_number(out->text, i);
		cli_html_put_signed(out->text, out->store->spans[i].blocker);
	}
	cli_html_put_raw(out->text, "]");
}

static void put_left(struct cli_html_out *out)
{
	uint64_t merged = 0, into = 0;

	for (size_t i = 0; i < out->store->count; i++) {
		into += out->store->spans[i].calls > 1;
		merged += out->store->spans[i].calls > 1 ? out->store->spans[i].calls : 0;
	}
	cli_html_open_key(out, "left", "{\"merged\":");
	cli_html_put_number(out->text, merged);
	cli_html_put_raw(out->text, ",\"into\":");
	cli_html_put_number(out->text, into);
	cli_html_put_raw(out->text, ",\"dropped\":");
	cli_html_put_number(out->text, out->store->dropped);
	cli_html_put_raw(out->text, ",\"forgotten\":");
	cli_html_put_number(out->text, out->data->forgotten);
	cli_html_put_raw(out->text, "}");
}

static void put_about(struct cli_html_out *out)
{
	char origin[32];

	snprintf(origin, sizeof(origin), "%" PRIu64, out->origin);
	cli_html_open_key(out, "directory", "");
	cli_html_put_string(out->text, out->data->directory);
	cli_html_open_key(out, "version", "\"" LOCKSHIM_VERSION "\"");
	cli_html_open_key(out, "origin", "");
	cli_html_put_string(out->text, origin);
	cli_html_open_key(out, "length", "");
	cli_html_put_number(out->text, out->end - out->origin);
	cli_html_open_key(out, "events", "");
	cli_html_put_number(out->text, out->data->events);
	cli_html_open_key(out, "discarded", "");
	cli_html_put_number(out->text, out->data->discarded);
}

void cli_html_data_put(struct cli_html_text *text, const struct cli_html_data *data,
		       struct cli_html_spans *store)
{
	struct cli_html_out out = { .text = text, .data = data, .store = store };

	cli_html_tables_init(&out.tables);
	cli_html_order(&out);
	cli_html_put_raw(text, "{");
	put_about(&out);
	put_left(&out);
	put_spans(&out);
	put_blockers(&out);
	put_outsiders(&out);
	cli_html_tables_put(&out);
	cli_html_put_raw(text, "}");
	cli_html_tables_clear(&out.tables);
	free(out.places);
}
