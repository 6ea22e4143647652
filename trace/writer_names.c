/* SPDX-License-Identifier: MIT
 * Gives texts their numbers. A table of those written last saves writing them again; what it no
 * longer knows is written once more, under another number. */
#include "trace/writer.h"

#include <sched.h>
#include <string.h>

#include "trace/sys.h"
#include "trace/writer_pool.h"
#include "trace/writer_state.h"
#include "trace/writer_stream.h"

#define TEXT_MAX 4095

struct text {
	enum trace_name_kind kind;
	uint64_t device, inode;
	const char *text;
	size_t len; /* without its NUL */
	uint64_t hash;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct text *text)
{
	uint64_t hash = mix(mix(mix(text->kind + 1, text->device), text->inode), text->len), word;
	size_t i = 0;

	for (; i + sizeof word <= text->len; i += sizeof word) {
		memcpy(&word, text->text + i, sizeof word);
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, text->text + i, text->len - i);
	return mix(hash, word);
}

/* The entry may be written anew in between: then the number is another. */
static uint32_t number_in(const struct writer_known *known, uint64_t hash)
{
	uint32_t number = __atomic_load_n(&known->number, __ATOMIC_ACQUIRE);

	if (!number || __atomic_load_n(&known->hash, __ATOMIC_ACQUIRE) != hash)
		return 0;
	return __atomic_load_n(&known->number, __ATOMIC_RELAXED) == number ? number : 0;
}

static uint32_t find(const struct writer_state *state, uint64_t hash)
{
	const struct writer_known *set = state->known[hash % WRITER_NAME_SETS];
	uint32_t number = 0;

	for (unsigned i = 0; !number && i < WRITER_NAME_WAYS; i++)
		number = number_in(&set[i], hash);
	return number;
}

/* In the place of the oldest. */
static void keep(struct writer_state *state, uint64_t hash, uint32_t number)
{
	struct writer_known *set = state->known[hash % WRITER_NAME_SETS], *old = set;

	for (unsigned i = 1; i < WRITER_NAME_WAYS; i++)
		if (set[i].number < old->number)
			old = &set[i];
	__atomic_store_n(&old->number, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&old->hash, hash, __ATOMIC_RELEASE);
	__atomic_store_n(&old->number, number, __ATOMIC_RELEASE);
}

static uint32_t append(struct writer_state *state, const struct text *text)
{
	uint32_t pid = writer_pid(state);
	size_t padded = (text->len + 8) & ~(size_t)7, size = sizeof(struct trace_name) + padded;
	uint64_t time = trace_now();
	struct writer_file *file = writer_stream_file(&state->names, size, &time);
	struct trace_name *name;
	char *into;

	name = file ? (struct trace_name *)__atomic_load_n(&file->next, __ATOMIC_RELAXED) : NULL;
	if (!name)
		return 0;
	into = (char *)(name + 1);
	*name = (struct trace_name){
		.time = time,
		.id = TRACE_NAME,
		.pid = pid,
		.tid = pid,
		.number = ++state->names_count,
		.kind = text->kind,
		.length = (uint32_t)padded,
		.device = text->device,
		.inode = text->inode,
	};
	memset(into + padded - 8, 0, 8);
	memcpy(into, text->text, text->len);
	writer_stream_commit(&state->names, file, name, size, time);
	keep(state, text->hash, state->names_count);
	return state->names_count;
}

static bool is_ready(struct writer_state *state)
{
	int error = 0;

	if (writer_stream_is_made(&state->names))
		return true;
	if (__atomic_load_n(&state->stuck, __ATOMIC_RELAXED) || writer_is_guest(state))
		return false;
	error = writer_stream_make(&state->names, trace_now());
	if (error)
		writer_pool_failed(error);
	return !error;
}

/* Files take longer to make than a name: some time, once. */
static bool goes_on(struct writer_state *state, unsigned round, uint64_t *until)
{
	uint64_t now;

	if (round < WRITER_ROUNDS + WRITER_YIELDS)
		return true;
	if (writer_stream_is_made(&state->names) ||
	    __atomic_load_n(&state->hurried, __ATOMIC_RELAXED))
		return false;
	now = trace_now();
	if (!*until)
		*until = now + WRITER_MAKING;
	if (now < *until)
		return true;
	__atomic_store_n(&state->hurried, 1, __ATOMIC_RELAXED);
	return false;
}

/* Who writes another is done soon, if it runs; or we interrupted it. */
static bool take(struct writer_state *state)
{
	uint32_t thread = sys_gettid();
	uint64_t until = 0;

	for (unsigned i = 0; goes_on(state, i, &until); i++) {
		if (writer_stream_try(&state->names)) {
			__atomic_store_n(&state->names.owner, thread, __ATOMIC_RELAXED);
			return true;
		}
		if (__atomic_load_n(&state->names.owner, __ATOMIC_RELAXED) == thread)
			return false;
		if (i >= WRITER_ROUNDS)
			sched_yield();
	}
	return false;
}

static void give(struct writer_state *state)
{
	__atomic_store_n(&state->names.owner, 0, __ATOMIC_RELAXED);
	writer_stream_give(&state->names);
}

static uint32_t write_new(struct writer_state *state, const struct text *text)
{
	uint32_t number;

	writer_begin(state);
	if (!take(state))
		return 0;
	number = find(state, text->hash);
	if (!number && is_ready(state) && !state->names.full)
		number = append(state, text);
	give(state);
	return number;
}

uint32_t trace_name(enum trace_name_kind kind, uint64_t device, uint64_t inode, const char *words)
{
	struct writer_state *state = writer_state;
	struct text text = { .kind = kind, .device = device, .inode = inode, .text = words };
	uint32_t number;

	if (!trace_on() || writer_is_barred(state))
		return 0;
	text.len = strnlen(words, TEXT_MAX);
	text.hash = hash_of(&text);
	number = find(state, text.hash);
	return number ? number : write_new(state, &text);
}
