/* SPDX-License-Identifier: MIT
 * The order of a page's spans, and where each stands. */
#include "cli/html_data_inside.h"
#include "cli/cli.h"

#include <err.h>
#include <stdlib.h>

static int by_begin(const void *one, const void *other)
{
	const struct cli_html_span *a = one, *b = other;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static int by_number(const void *one, const void *other)
{
	const struct cli_html_place *a = one, *b = other;

	return (a->number > b->number) - (a->number < b->number);
}

static void make_places(struct cli_html_out *out)
{
	const struct cli_html_spans *store = out->store;

	out->places = calloc(store->count + 1, sizeof(*out->places));
	if (!out->places)
		err(CLI_FAILED, "memory");
	out->places_count = 0;
	for (size_t i = 0; i < store->count; i++) {
		if (store->spans[i].number)
			out->places[out->places_count++] =
				(struct cli_html_place){ store->spans[i].number, i };
	}
	qsort(out->places, out->places_count, sizeof(*out->places), by_number);
}

const struct cli_html_place *cli_html_find(const struct cli_html_out *out, uint64_t number)
{
	struct cli_html_place key = { .number = number };

	return bsearch(&key, out->places, out->places_count, sizeof(key), by_number);
}

/* Leaves out the holds that came in for a wait which did not. */
static void drop_bystanders(struct cli_html_out *out)
{
	struct cli_html_spans *store = out->store;
	size_t left = 0;

	for (size_t i = 0; i < store->edges_count; i++) {
		const struct cli_html_place *hold = cli_html_find(out, store->edges[i].hold);

		if (hold && cli_html_find(out, store->edges[i].wait))
			store->spans[hold->at].bystander = false;
	}
	for (size_t i = 0; i < store->count; i++) {
		if (!store->spans[i].bystander)
			store->spans[left++] = store->spans[i];
	}
	store->count = left;
}

void cli_html_order(struct cli_html_out *out)
{
	struct cli_html_spans *store = out->store;

	make_places(out);
	drop_bystanders(out);
	free(out->places);
	qsort(store->spans, store->count, sizeof(*store->spans), by_begin);
	make_places(out);
	/* A wait can have begun before the first record. */
	out->origin = out->data->begin;
	out->end = out->data->end;
	if (store->count && store->spans[0].begin < out->origin)
		out->origin = store->spans[0].begin;
}
