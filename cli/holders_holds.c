/* SPDX-License-Identifier: MIT
 * The holds of a file: each a node, cut to pieces where a part of its bytes is let go. */
#include "cli/holders_table.h"
#include "cli/memory.h"

/* Each call scans the holds of its file, so their number is bounded: a trace may lock a million
 * ranges and let go of none. */
enum { HOLDS_OF_A_FILE = 512 };

static struct holders_hold *make(struct cli_holders *holders, struct holders_file *file,
				 const struct cli_hold *hold)
{
	struct holders_hold *node = holders->free_holds;

	if (node)
		holders->free_holds = node->next;
	else
		node = cli_memory_get(sizeof(*node));
	node->hold = *hold;
	file->holds_count++;
	return node;
}

/* Before *LINK. Returns the link behind it. */
static struct holders_hold **insert(struct cli_holders *holders, struct holders_file *file,
				    struct holders_hold **link, const struct cli_hold *hold)
{
	struct holders_hold *node = make(holders, file, hold);

	node->next = *link;
	*link = node;
	return &node->next;
}

/* *LINK becomes the next one. */
static void drop(struct cli_holders *holders, struct holders_file *file, struct holders_hold **link)
{
	struct holders_hold *node = *link;

	*link = node->next;
	node->next = holders->free_holds;
	holders->free_holds = node;
	file->holds_count--;
}

static void forget_oldest(struct cli_holders *holders, struct holders_file *file)
{
	struct holders_hold **link = &file->holds;

	while ((*link)->next)
		link = &(*link)->next;
	drop(holders, file, link);
	holders->forgotten++;
}

void cli_holders_hold_add(struct cli_holders *holders, struct holders_file *file,
			  const struct cli_hold *hold)
{
	if (file->holds_count >= HOLDS_OF_A_FILE)
		forget_oldest(holders, file);
	insert(holders, file, &file->holds, hold);
	file->holds->hold.lock.number = ++holders->numbers;
}

/* Another piece of the same hold still keeps LOCK out. */
static bool has_other_piece(const struct holders_file *file, const struct cli_hold *piece,
			    const struct cli_lock *lock)
{
	for (const struct holders_hold *at = file->holds; at; at = at->next) {
		if (&at->hold != piece && at->hold.lock.number == piece->lock.number &&
		    cli_holders_lock_conflict(&at->hold.lock, lock))
			return true;
	}
	return false;
}

static void remember_last(struct holders_file *file, const struct cli_hold *hold, uint64_t end)
{
	if (!file->waits)
		return;
	if (!file->last)
		file->last = cli_memory_get(sizeof(*file->last));
	file->last->hold = *hold;
	file->last_end = end;
}

void cli_holders_hold_tell(struct cli_holders *holders, struct holders_file *file,
			   const struct cli_hold *hold, uint64_t end, enum cli_held_end how)
{
	for (struct holders_wait *at = file->waits; at; at = at->next) {
		if (cli_holders_lock_conflict(&hold->lock, &at->wait.lock) &&
		    !has_other_piece(file, hold, &at->wait.lock))
			cli_holders_wait_charge(holders, &at->wait, hold, end);
	}
	remember_last(file, hold, end);
	if (holders->calls.held && !hold->handed_on)
		holders->calls.held(holders->context, hold, end, how);
}

/* The description may be another process's too: then only an unlock lets go of the lock. */
static bool is_handed_on(const struct cli_hold *hold, const struct cli_lock *lock)
{
	return (lock->call == TRACE_CALL_CLOSE || lock->call == TRACE_CALL_EXIT) &&
	       lock->flags & TRACE_INHERITED && !cli_holders_lock_of_process(&hold->lock);
}

/* Takes PIECE out of the node at *LINK. Returns the link behind what is left of it. */
static struct holders_hold **take_out(struct cli_holders *holders, struct holders_file *file,
				      struct holders_hold **link, const struct cli_lock *piece)
{
	struct cli_hold whole = (*link)->hold, right = whole;
	bool has_left = whole.lock.start<piece->start, has_right = whole.lock.end> piece->end;

	right.lock.start = piece->end;
	if (!has_left && !has_right) {
		drop(holders, file, link);
		return link;
	}
	if (has_left)
		(*link)->hold.lock.end = piece->start;
	else
		(*link)->hold = right;
	link = &(*link)->next;
	return has_left && has_right ? insert(holders, file, link, &right) : link;
}

struct holders_hold **cli_holders_hold_cut(struct cli_holders *holders, struct holders_file *file,
					   struct holders_hold **link, const struct cli_lock *lock,
					   uint64_t end, enum cli_held_end how)
{
	struct cli_hold piece = (*link)->hold;

	if (piece.lock.start < lock->start)
		piece.lock.start = lock->start;
	if (piece.lock.end > lock->end)
		piece.lock.end = lock->end;
	link = take_out(holders, file, link, &piece.lock);
	if (piece.gone)
		return link;
	cli_holders_hold_tell(holders, file, &piece, end, how);
	if (piece.handed_on || !is_handed_on(&piece, lock))
		return link;
	piece.handed_on = true;
	piece.lock.begin = end;
	return insert(holders, file, link, &piece);
}

struct holders_hold **cli_holders_hold_unseen(struct cli_holders *holders,
					      struct holders_file *file, struct holders_hold **link,
					      uint64_t end)
{
	struct cli_hold *hold = &(*link)->hold;

	cli_holders_hold_tell(holders, file, hold, end, CLI_HELD_UNSEEN);
	if (hold->handed_on) {
		drop(holders, file, link);
		return link;
	}
	hold->gone = true;
	return &(*link)->next;
}
