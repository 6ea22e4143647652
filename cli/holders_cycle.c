/* SPDX-License-Identifier: MIT
 * Looks for a way from a wait, over the threads that hold what it waits for and what those wait
 * for, back to its own thread. An edge that closes a cycle is always a new wait. */
#include "cli/holders_table.h"

struct search {
	struct cli_holders *holders;
	const struct holders_thread *goal;
	const struct cli_wait *way[CLI_CYCLE_LONGEST];
	size_t length;
};

static bool follow(struct search *search, const struct holders_wait *wait);

static bool leads_back(struct search *search, const struct cli_hold *hold)
{
	struct holders_thread *thread = cli_holders_thread(search->holders, &hold->lock);

	if (thread == search->goal)
		return true;
	if (thread->visited == search->holders->searches)
		return false;
	thread->visited = search->holders->searches;
	for (const struct holders_wait *at = thread->waits; at; at = at->next_of_thread) {
		if (follow(search, at))
			return true;
	}
	return false;
}

/* What was handed on is perhaps nobody's. */
static bool follow(struct search *search, const struct holders_wait *wait)
{
	if (search->length == CLI_CYCLE_LONGEST)
		return false;
	search->way[search->length++] = &wait->wait;
	for (const struct holders_hold *at = wait->file->holds; at; at = at->next) {
		if (!at->hold.gone && !at->hold.handed_on &&
		    cli_holders_lock_conflict(&at->hold.lock, &wait->wait.lock) &&
		    leads_back(search, &at->hold))
			return true;
	}
	search->length--;
	return false;
}

/* A thread's own hold is in its way only where nobody else's is. */
static bool has_other_holder(struct cli_holders *holders, const struct holders_wait *wait)
{
	for (const struct holders_hold *at = wait->file->holds; at; at = at->next) {
		if (!at->hold.gone && cli_holders_lock_conflict(&at->hold.lock, &wait->wait.lock) &&
		    cli_holders_thread(holders, &at->hold.lock) !=
			    cli_holders_thread(holders, &wait->wait.lock))
			return true;
	}
	return false;
}

void cli_holders_cycle_look(struct cli_holders *holders, struct holders_wait *wait)
{
	struct search search = {
		.holders = holders,
		.goal = cli_holders_thread(holders, &wait->wait.lock),
	};

	if (!holders->calls.cycle)
		return;
	holders->searches++;
	if (follow(&search, wait) && (search.length > 1 || !has_other_holder(holders, wait)))
		holders->calls.cycle(holders->context, search.way, search.length,
				     wait->wait.lock.begin);
}
