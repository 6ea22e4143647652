/* SPDX-License-Identifier: MIT
 * Which processes there are, and under which policy each used a file. */
#include <string.h>

#include "shim/start.h"
#include "shim/state.h"
#include "shim/state_record.h"

static uint32_t *own_record(const struct state_table *table, unsigned from,
			    const struct state_self *self)
{
	uint32_t *record;
	unsigned i;

	for (i = 0; i < table->count; i++) {
		record = state_at(table, (from + i) % table->count);
		if (state_owner(record) == (uint32_t)self->pid)
			return record;
	}
	return NULL;
}

void state_register(struct state *state, const struct state_self *self)
{
	static struct {
		struct state *in;
		int pid;
	} done;
	const struct state_process words = {
		.started = self->started,
		.space = self->space,
		.hash = shim_state()->policy->hash,
		.bits = 8 * sizeof(void *),
	};
	const struct state_table table = STATE_TABLE(state->processes);
	const unsigned from = (unsigned)self->pid % table.count;
	uint32_t *record;

	if (__atomic_load_n(&done.in, __ATOMIC_ACQUIRE) == state &&
	    __atomic_load_n(&done.pid, __ATOMIC_ACQUIRE) == self->pid)
		return;
	record = own_record(&table, from, self);
	if (!record)
		record = state_claim(state, &table, from, self, false);
	if (record)
		state_write(record, &words, sizeof words);
	__atomic_store_n(&done.pid, self->pid, __ATOMIC_RELEASE);
	__atomic_store_n(&done.in, state, __ATOMIC_RELEASE);
}

static unsigned set_of(uint64_t device, uint64_t inode)
{
	uint64_t mixed = (inode * 0x9e3779b97f4a7c15u ^ device) * 0xff51afd7ed558ccdu;

	return (unsigned)(mixed >> 40) % STATE_FILE_SETS;
}

/* True where it is another process's of ours, on this file. */
static bool is_another(const struct state_file *entry, uint32_t owner, const struct state_file *own,
		       const struct state_self *self)
{
	return owner != (uint32_t)self->pid && owner <= INT32_MAX && entry->space == own->space &&
	       entry->device == own->device && entry->inode == own->inode;
}

static bool same_record(const struct state_file *entry, uint32_t owner,
			const struct state_file *own, const struct state_self *self)
{
	return owner == (uint32_t)self->pid && entry->device == own->device &&
	       entry->inode == own->inode && entry->space == own->space;
}

static void publish(struct state *state, const struct state_table *table,
		    const struct state_file *own, const struct state_self *self)
{
	struct state_file entry;
	uint32_t *record = NULL, owner;
	unsigned i;

	for (i = 0; !record && i < table->count; i++)
		if (state_copy(state_at(table, i), &entry, sizeof entry, &owner) &&
		    same_record(&entry, owner, own, self))
			record = state_at(table, i);
	if (!record)
		record = state_claim(state, table, 0, self, false);
	if (record)
		state_write(record, own, sizeof *own);
}

/* Published before it is asked: of two that come at once at least one sees the other. */
bool state_policy_differs(uint64_t device, uint64_t inode, int *ret_pid)
{
	struct state_file own = { .device = device, .inode = inode }, entry;
	struct state_table table;
	struct state_self self;
	struct state *state;
	uint32_t owner;
	unsigned i;

	state = state_self(&self) ? state_get(&self) : NULL;
	if (!state)
		return false;
	own.started = self.started;
	own.space = self.space;
	own.hash = shim_state()->policy->hash;
	table = STATE_TABLE(state->files[set_of(device, inode)]);
	publish(state, &table, &own, &self);
	state_fence();
	for (i = 0; i < table.count; i++)
		if (state_copy(state_at(&table, i), &entry, sizeof entry, &owner) &&
		    is_another(&entry, owner, &own, &self) && entry.hash != own.hash &&
		    state_is_alive((int)owner, entry.started)) {
			*ret_pid = (int)owner;
			return true;
		}
	return false;
}
