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

enum {
	KEPT = 0,     /* in the place of a kind: not to be merged */
	LEAST = 1000, /* ns: of spans, where merging begins */
	BARS = 4096,  /* of one kind: a trace is drawn as well by so many as by more */
};

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

	if (span->contended && span->end - span->begin >= store->kept)
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

static uint64_t time_in(const struct cli_html_span *span)
{
	return span->calls > 1 ? span->held : span->end - span->begin;
}

static uint64_t longest_in(const struct cli_html_span *span)
{
	return span->calls > 1 ? span->longest : span->end - span->begin;
}

static void take_in(struct cli_html_span *into, const struct cli_html_span *span)
{
	into->longest = longest_in(into) > longest_in(span) ? longest_in(into) : longest_in(span);
	into->held = time_in(into) + time_in(span);
	if (into->end < span->end)
		into->end = span->end;
	into->calls += span->calls;
	into->release = CLI_HTML_NONE;
	into->blocker = 0;
	into->number = 0;
	into->contended = false;
}

/* Merges neighbours of one kind into spans of no more than LENGTH. Returns how many are left. */
static size_t merge(struct cli_html_spans *store, struct place *places, size_t count,
		    uint64_t length)
{
	struct cli_html_span *last = NULL;
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		struct cli_html_span *span = &store->spans[places[i].span];

		if (last && places[i].kind != KEPT && places[i].kind == places[left - 1].kind &&
		    last->end - last->begin <= length && span->end - last->begin <= length) {
			take_in(last, span);
			continue;
		}
		places[left++] = places[i];
		last = span;
	}
	return left;
}

/* What was contended goes last, and of that the longest. */
static uint64_t worth(const struct cli_html_span *span)
{
	uint64_t length = span->end - span->begin;

	return (length & INT64_MAX) | (span->contended ? 1ull << 63 : 0);
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

/* The shortest, and of those the ones that nobody waited for first. */
static void drop_to(struct cli_html_spans *store, size_t target)
{
	struct place *places = get(store->count, sizeof(*places));

	for (size_t i = 0; i < store->count; i++)
		places[i] = (struct place){ .span = (uint32_t)i, .order = worth(&store->spans[i]) };
	qsort(places, store->count, sizeof(*places), by_worth);
	for (size_t i = target; i < store->count; i++)
		store->dropped += store->spans[places[i].span].calls;
	rebuild(store, places, target);
	free(places);
}

/* Those of waits that have no span of their own any more. */
static void drop_edges(struct cli_html_spans *store)
{
	uint64_t *numbers = get(store->count, sizeof(*numbers));
	size_t count = 0, left = 0;

	for (size_t i = 0; i < store->count; i++) {
		if (store->spans[i].number)
			numbers[count++] = store->spans[i].number;
	}
	qsort(numbers, count, sizeof(*numbers), by_number);
	for (size_t i = 0; i < store->edges_count; i++) {
		if (bsearch(&store->edges[i].wait, numbers, count, sizeof(*numbers), by_number))
			store->edges[left++] = store->edges[i];
	}
	store->edges_count = left;
	free(numbers);
}

/* As short spans as will do, but none longer than MOST. */
static void merge_to(struct cli_html_spans *store, size_t target, uint64_t most)
{
	struct place *places = places_of(store);
	size_t count = store->count;

	for (uint64_t length = LEAST; count > target && length <= most; length *= 4)
		count = merge(store, places, count, length);
	rebuild(store, places, count);
	free(places);
}

static uint64_t length_of(const struct cli_html_spans *store)
{
	uint64_t begin = UINT64_MAX, end = 0;

	for (size_t i = 0; i < store->count; i++) {
		if (begin > store->spans[i].begin)
			begin = store->spans[i].begin;
		if (end < store->spans[i].end)
			end = store->spans[i].end;
	}
	return end - begin;
}

void cli_html_thin(struct cli_html_spans *store, size_t target)
{
	uint64_t length = length_of(store);

	mark_contended(store);
	merge_to(store, target, length / BARS);
	while (store->count > target && store->kept < length) {
		store->kept = store->kept ? store->kept * 4 : LEAST;
		merge_to(store, target, length / BARS);
	}
	if (store->count > target)
		merge_to(store, target, length > INT64_MAX / 4 ? INT64_MAX / 4 : length * 4);
	if (store->count > target)
		drop_to(store, target);
	drop_edges(store);
}
