/* SPDX-License-Identifier: MIT
 * Makes many spans few, and loses what tells least. */
#include "cli/html_spans.h"
#include "cli/cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* What has to be alike in spans that are merged. */
struct kind {
	const char *file;
	uint64_t device, inode;
	uint32_t lane;
	int32_t error;
	uint32_t state, operation;
};

enum { KEPT = 0 }; /* in the place of a kind: not to be merged */

struct place {
	uint32_t kind; /* 1 and up */
	uint32_t span;
	uint64_t order; /* begin; when it is about dropping, what it is worth */
};

static void *get(size_t count, size_t size)
{
	void *at = calloc(count + 1, size);

	if (!at)
		err(CLI_FAILED, "memory");
	return at;
}

static int by_number(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return (a > b) - (a < b);
}

/* A hold that is in an edge was waited for. */
static void mark_contended(struct cli_html_spans *store)
{
	uint64_t *holds = get(store->edges_count, sizeof(*holds));

	for (size_t i = 0; i < store->edges_count; i++)
		holds[i] = store->edges[i].hold;
	qsort(holds, store->edges_count, sizeof(*holds), by_number);
	for (size_t i = 0; i < store->count; i++) {
		struct cli_html_span *span = &store->spans[i];

		if (span->number && !span->contended && span->state < CLI_HTML_WAITED &&
		    bsearch(&span->number, holds, store->edges_count, sizeof(*holds), by_number))
			span->contended = true;
	}
	free(holds);
}

static uint32_t kind_of(const struct cli_html_spans *store, struct cli_html_set *kinds,
			const struct cli_html_span *span)
{
	const struct cli_html_call *call = cli_html_set_at(&store->calls, span->call);
	struct kind kind;

	if (span->contended)
		return KEPT;
	memset(&kind, 0, sizeof(kind));
	kind.file = call->file;
	kind.device = call->device;
	kind.inode = call->inode;
	kind.lane = span->lane;
	kind.error = call->error;
	kind.state = span->state;
	kind.operation = call->operation;
	return cli_html_set_add(kinds, &kind) + 1;
}

static int by_kind(const void *one, const void *other)
{
	const struct place *a = one, *b = other;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static int by_worth(const void *one, const void *other)
{
	const struct place *a = one, *b = other;

	return (a->order < b->order) - (a->order > b->order);
}

static struct place *places_of(struct cli_html_spans *store)
{
	struct place *places = get(store->count, sizeof(*places));
	struct cli_html_set kinds = { .size = sizeof(struct kind) };

	for (size_t i = 0; i < store->count; i++) {
		places[i].kind = kind_of(store, &kinds, &store->spans[i]);
		places[i].span = (uint32_t)i;
		places[i].order = store->spans[i].begin;
	}
	cli_html_set_clear(&kinds);
	qsort(places, store->count, sizeof(*places), by_kind);
	return places;
}

static void take_in(struct cli_html_span *into, const struct cli_html_span *span)
{
	if (into->end < span->end)
		into->end = span->end;
	into->held += span->held;
	into->calls += span->calls;
	into->release = CLI_HTML_NONE;
	into->number = 0;
}

/* Merges neighbours of one kind that are no more than GAP apart. Returns how many are left. */
static size_t merge(struct cli_html_spans *store, struct place *places, size_t count, uint64_t gap)
{
	struct cli_html_span *last = NULL;
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		struct cli_html_span *span = &store->spans[places[i].span];

		if (last && places[i].kind != KEPT && places[i].kind == places[left - 1].kind &&
		    (span->begin <= last->end || span->begin - last->end <= gap)) {
			take_in(last, span);
			continue;
		}
		places[left++] = places[i];
		last = span;
	}
	return left;
}

static size_t merge_to(struct cli_html_spans *store, struct place *places, size_t target)
{
	size_t count = store->count;

	for (uint64_t gap = 1000; count > target && gap < UINT64_MAX / 4; gap *= 4)
		count = merge(store, places, count, gap);
	return count;
}

/* What was contended goes last, and of that the longest. */
static uint64_t worth(const struct cli_html_span *span)
{
	uint64_t length = span->end - span->begin;

	return (length & INT64_MAX) | (span->contended ? 1ull << 63 : 0);
}

static int is_dropped(uint64_t wait, const uint64_t *numbers, size_t count)
{
	return bsearch(&wait, numbers, count, sizeof(*numbers), by_number) != NULL;
}

/* NUMBERS: of the spans that went. */
static void drop_edges(struct cli_html_spans *store, uint64_t *numbers, size_t count)
{
	size_t left = 0;

	qsort(numbers, count, sizeof(*numbers), by_number);
	for (size_t i = 0; i < store->edges_count; i++) {
		if (!is_dropped(store->edges[i].wait, numbers, count))
			store->edges[left++] = store->edges[i];
	}
	store->edges_count = left;
}

static void drop_to(struct cli_html_spans *store, struct place *places, size_t count, size_t target)
{
	uint64_t *numbers = get(count - target, sizeof(*numbers));

	for (size_t i = 0; i < count; i++)
		places[i].order = worth(&store->spans[places[i].span]);
	qsort(places, count, sizeof(*places), by_worth);
	for (size_t i = target; i < count; i++) {
		numbers[i - target] = store->spans[places[i].span].number;
		store->dropped += store->spans[places[i].span].calls;
	}
	drop_edges(store, numbers, count - target);
	free(numbers);
}

static uint32_t keep_call(const struct cli_html_spans *store, struct cli_html_set *kept,
			  uint32_t call)
{
	if (call == CLI_HTML_NONE)
		return call;
	return cli_html_set_add(kept, cli_html_set_at(&store->calls, call));
}

/* Only the spans at PLACES, and the calls that they have. */
static void rebuild(struct cli_html_spans *store, const struct place *places, size_t count)
{
	struct cli_html_span *spans = get(count, sizeof(*spans));
	struct cli_html_set calls = { .size = sizeof(struct cli_html_call) };

	for (size_t i = 0; i < count; i++) {
		spans[i] = store->spans[places[i].span];
		spans[i].call = keep_call(store, &calls, spans[i].call);
		spans[i].release = keep_call(store, &calls, spans[i].release);
	}
	free(store->spans);
	cli_html_set_clear(&store->calls);
	store->spans = spans;
	store->count = store->room = count;
	store->calls = calls;
}

void cli_html_thin(struct cli_html_spans *store, size_t target)
{
	struct place *places;
	size_t count;

	mark_contended(store);
	places = places_of(store);
	count = merge_to(store, places, target);
	if (count > target) {
		drop_to(store, places, count, target);
		count = target;
	}
	rebuild(store, places, count);
	free(places);
}
