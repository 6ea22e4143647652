/* SPDX-License-Identifier: MIT
 * Pieces of the caller's memory. Nothing is given back: a policy lives as long as its process. */
#include "policy/internal.h"

#include <stdalign.h>
#include <string.h>

#define CHUNK_FIRST ((size_t)16 << 10)
#define CHUNK_LAST ((size_t)1 << 20)
#define ALIGNMENT alignof(max_align_t)

static void *more(struct policy_arena *arena, size_t size)
{
	return arena->memory->more(arena->memory->context, size);
}

static bool next_chunk(struct policy_arena *arena)
{
	size_t size = arena->chunk ? arena->chunk : CHUNK_FIRST;
	char *at = more(arena, size);

	if (!at)
		return false;
	arena->at = at;
	arena->end = at + size;
	arena->chunk = size < CHUNK_LAST ? 2 * size : size;
	return true;
}

void *policy_arena_get(struct policy_arena *arena, size_t size)
{
	void *at;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (size > (size_t)(arena->end - arena->at)) {
		if (size >= CHUNK_FIRST / 2)
			return more(arena, size);
		if (!next_chunk(arena))
			return NULL;
	}
	at = arena->at;
	arena->at += size;
	return at;
}

char *policy_arena_copy(struct policy_arena *arena, const char *text, size_t len)
{
	char *copy = policy_arena_get(arena, len + 1);

	if (copy && len)
		memcpy(copy, text, len);
	return copy;
}

const char **policy_arena_append(struct policy_arena *arena, const char *const *texts, size_t count,
				 const char *text, size_t len)
{
	const char **longer = policy_arena_get(arena, (count + 1) * sizeof(*longer));
	const char *copy = policy_arena_copy(arena, text, len);

	if (!longer || !copy)
		return NULL;
	if (count)
		memcpy(longer, texts, count * sizeof(*longer));
	longer[count] = copy;
	return longer;
}
