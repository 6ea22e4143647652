/* SPDX-License-Identifier: MIT
 * Every loop here has a fixed end, whatever stands in the file. */
#include "shim/state_record.h"

#include <string.h>

uint32_t state_copy(const uint32_t *record, void *into, size_t size, uint32_t *ret_owner)
{
	uint32_t before = state_sequence(record), owner = state_owner(record), word;
	size_t i;

	if (!owner || !before || before & 1)
		return 0;
	for (i = 0; i < size / sizeof word; i++) {
		word = __atomic_load_n(&record[STATE_CONTENT + i], __ATOMIC_ACQUIRE);
		memcpy((char *)into + i * sizeof word, &word, sizeof word);
	}
	if (state_sequence(record) != before || state_owner(record) != owner)
		return 0;
	*ret_owner = owner;
	return before;
}

void state_write(uint32_t *record, const void *from, size_t size)
{
	uint32_t odd = state_sequence(record) | 1, word;
	size_t i;

	__atomic_store_n(&record[STATE_SEQUENCE], odd, __ATOMIC_SEQ_CST);
	for (i = 0; i < size / sizeof word; i++) {
		memcpy(&word, (const char *)from + i * sizeof word, sizeof word);
		__atomic_store_n(&record[STATE_CONTENT + i], word, __ATOMIC_RELEASE);
	}
	/* 0 would be a record that was never written. */
	odd = odd + 1 ? odd + 1 : 2;
	__atomic_store_n(&record[STATE_SEQUENCE], odd, __ATOMIC_SEQ_CST);
}

void state_free(uint32_t *record, uint32_t owner)
{
	(void)__atomic_compare_exchange_n(&record[STATE_OWNER], &owner, 0, 0, __ATOMIC_SEQ_CST,
					  __ATOMIC_RELAXED);
}

static bool take(uint32_t *record, uint32_t owner, int pid)
{
	return __atomic_compare_exchange_n(&record[STATE_OWNER], &owner, (uint32_t)pid, 0,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Every record begins so. */
struct owned_by {
	uint64_t started, space;
};

/* One that is being written belongs to who writes it, unless no such process is left. */
static bool is_dead(const uint32_t *record, const struct state_self *self, uint32_t *ret_owner)
{
	struct owned_by by;
	char path[STATE_PATH_ROOM];
	struct state_stat stat;

	*ret_owner = state_owner(record);
	if (state_copy(record, &by, sizeof by, ret_owner))
		return by.space == self->space && !state_is_alive((int)*ret_owner, by.started);
	return *ret_owner &&
	       (*ret_owner > INT32_MAX ||
		!state_stat(state_path(path, (int)*ret_owner, "/stat", -1, NULL), &stat));
}

static uint32_t *claim_dead(const struct state_table *table, const struct state_self *self)
{
	uint32_t *record, owner;
	unsigned i;

	for (i = 0; i < table->count; i++) {
		record = state_at(table, i);
		if (is_dead(record, self, &owner) && take(record, owner, self->pid))
			return record;
	}
	return NULL;
}

uint32_t *state_claim(struct state *state, const struct state_table *table, unsigned from,
		      const struct state_self *self, bool keep)
{
	uint32_t *record;
	unsigned i, turn;

	for (i = 0; i < table->count; i++) {
		record = state_at(table, (from + i) % table->count);
		if (!state_owner(record) && take(record, 0, self->pid))
			return record;
	}
	record = claim_dead(table, self);
	if (record || keep)
		return record;
	if (!table->count)
		return NULL;
	turn = __atomic_fetch_add(&state->turn, 1, __ATOMIC_RELAXED);
	record = state_at(table, turn % table->count);
	return take(record, state_owner(record), self->pid) ? record : NULL;
}
