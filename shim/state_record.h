/* SPDX-License-Identifier: MIT
 * Records of the state file: claimed by a compare-and-swap of their owner, written and read under
 * their sequence number. Nobody waits for anybody; what another wrote is checked by who reads it.
 */
#ifndef LOCKSHIM_STATE_RECORD_H
#define LOCKSHIM_STATE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/state_layout.h"
#include "shim/state_process.h"

/* Mapped, and checked to be what state.h says; NULL: off. Good until exec or exit. */
struct state *state_get(const struct state_self *self);

/* False where the file was replaced or cut short since: a store into it could kill us. */
bool state_is_whole(void);

/* Names the process in the file, once. */
void state_register(struct state *state, const struct state_self *self);

/* COUNT records of WORDS words each. */
struct state_table {
	uint32_t *first;
	unsigned count, words;
};
#define STATE_TABLE(table)                                                                         \
	((struct state_table){ (table)[0], sizeof(table) / sizeof((table)[0]),                     \
			       sizeof((table)[0]) / sizeof(uint32_t) })
static inline uint32_t *state_at(const struct state_table *table, unsigned index)
{
	return table->first + (size_t)index * table->words;
}

/* One for SELF: from FROM on a free one, else one of the dead; else, unless KEEP, any in its turn.
 * NULL: there is none. */
uint32_t *state_claim(struct state *state, const struct state_table *table, unsigned from,
		      const struct state_self *self, bool keep);

/* Lets go of a record that OWNER has; not where another has it by now. */
void state_free(uint32_t *record, uint32_t owner);

/* SIZE bytes from its beginning; all words behind them stay. By its owner alone. */
void state_write(uint32_t *record, const void *from, size_t size);

/* The sequence number under which they were read; 0: free, being written, or changed meanwhile. */
uint32_t state_copy(const uint32_t *record, void *into, size_t size, uint32_t *ret_owner);

static inline uint32_t state_owner(const uint32_t *record)
{
	return __atomic_load_n(&record[STATE_OWNER], __ATOMIC_ACQUIRE);
}
static inline uint32_t state_sequence(const uint32_t *record)
{
	return __atomic_load_n(&record[STATE_SEQUENCE], __ATOMIC_ACQUIRE);
}

/* Between what was published and a look at what others did. The thread sanitizer knows no fences.
 */
static inline void state_fence(void)
{
#ifdef __SANITIZE_THREAD__
	static int fence;

	(void)__atomic_fetch_add(&fence, 0, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#endif
