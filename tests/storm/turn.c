/* SPDX-License-Identifier: MIT
 * An increment in two halves, a look, and what a killed holder leaves behind. */
#include <sched.h>

#include "tests/storm/storm.h"

static void dawdle(struct actor *actor)
{
	unsigned spins = actor_random(actor, 300);

	if (!actor_random(actor, 8))
		sched_yield();
	while (spins--)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* It had written the first word, or not; all else follows from that. */
static void mend_slot(struct pair *pair, struct slot *dead)
{
	uint64_t intent = GET(dead->intent), base = GET(dead->base);
	enum storm_file file = GET(dead->file);

	if (GET(pair->first) == intent) {
		PUT(pair->second, intent);
		PUT(dead->count[file], base + 1);
	}
	PUT(pair->owner, 0);
}

void turn_mend(struct actor *actor, enum storm_file file)
{
	struct pair *pair = storm.pair[file];
	uint32_t owner = GET(pair->owner);
	struct slot *slot = owner ? &storm.ledger->slots[owner - 1] : NULL;

	if (!slot)
		return;
	if (!GET(slot->doomed)) {
		actor_fault(actor, FAULT_OVERLAP, owner - 1, actor->number);
		return;
	}
	mend_slot(pair, slot);
	actor_tally(actor, TALLY_MENDED);
}

void turn_begin(struct actor *actor, enum storm_file file)
{
	struct pair *pair = storm.pair[file];
	struct slot *slot = actor->slot;
	uint64_t first;

	turn_mend(actor, file);
	first = GET(pair->first);
	if (first != GET(pair->second))
		actor_fault(actor, FAULT_TORN, first, GET(pair->second));
	PUT(slot->file, file);
	PUT(slot->base, slot->count[file]);
	PUT(slot->intent, first + 1);
	PUT(pair->owner, actor->number + 1);
	dawdle(actor);
	PUT(pair->first, first + 1);
	dawdle(actor);
}

void turn_end(struct actor *actor)
{
	struct slot *slot = actor->slot;
	enum storm_file file = slot->file;
	struct pair *pair = storm.pair[file];
	uint32_t owner = GET(pair->owner);

	if (owner != actor->number + 1)
		actor_fault(actor, FAULT_OVERLAP, owner ? owner - 1 : SLOTS, actor->number);
	if (GET(pair->first) != slot->intent)
		actor_fault(actor, FAULT_CHANGED, slot->intent, GET(pair->first));
	PUT(pair->second, slot->intent);
	dawdle(actor);
	PUT(slot->count[file], slot->base + 1);
	PUT(pair->owner, 0);
}

void turn_whole(struct actor *actor, enum storm_file file)
{
	turn_begin(actor, file);
	turn_end(actor);
}

static bool left_by_the_dead(const struct pair *pair)
{
	uint32_t owner = GET(pair->owner);

	return owner && GET(storm.ledger->slots[owner - 1].doomed);
}

uint64_t turn_look(struct actor *actor, enum storm_file file)
{
	struct pair *pair = storm.pair[file];
	uint64_t first = GET(pair->first), second;

	actor_tally(actor, TALLY_LOOKS);
	if (left_by_the_dead(pair))
		return first;
	if (GET(pair->owner))
		actor_fault(actor, FAULT_OVERLAP, GET(pair->owner) - 1, actor->number);
	dawdle(actor);
	second = GET(pair->second);
	if (first != second)
		actor_fault(actor, FAULT_TORN, first, second);
	dawdle(actor);
	if (GET(pair->first) != first)
		actor_fault(actor, FAULT_CHANGED, first, GET(pair->first));
	return first;
}
