/* SPDX-License-Identifier: MIT
 * Who is in a waiter's way: all of them, since it waits until the last one is gone. */
#include "cli/lock_table_inside.h"

/* POSIX and OFD locks refuse each other; flock and leases stand apart. */
static bool meet(enum cli_lock_family one, enum cli_lock_family other)
{
	bool records = one == CLI_LOCK_POSIX || one == CLI_LOCK_OFD;

	return one == other || (records && (other == CLI_LOCK_POSIX || other == CLI_LOCK_OFD));
}

/* A POSIX lock is its process's own; others are their description's. */
static bool same_owner(const struct cli_lock_row *waiter, const struct cli_lock_row *row)
{
	if (waiter->line.family != row->line.family)
		return false;
	if (waiter->line.family == CLI_LOCK_POSIX)
		return waiter->line.pid == row->line.pid;
	if (waiter->description && waiter->description == row->description)
		return true;
	for (size_t i = 0; i < row->holders_count; i++) {
		if (waiter->holders_count && waiter->holders[0].fd >= 0 &&
		    waiter->holders[0].process == row->holders[i].process &&
		    waiter->holders[0].fd == row->holders[i].fd)
			return true;
	}
	return false;
}

static bool is_in_the_way(const struct cli_lock_row *waiter, const struct cli_lock_row *row)
{
	return !row->dropped && !row->line.level && meet(waiter->line.family, row->line.family) &&
	       (waiter->line.write || row->line.write) && cli_lock_rows_touch(waiter, row) &&
	       !same_owner(waiter, row);
}

static void block_by(struct cli_lock_row *waiter, struct cli_lock_row *row)
{
	waiter->blockers = cli_lock_table_grow(waiter->blockers, waiter->blockers_count,
					       sizeof(*waiter->blockers));
	waiter->blockers[waiter->blockers_count++] = row;
}

void cli_lock_table_block(struct cli_lock_table *table)
{
	struct cli_lock_row *head = NULL; /* where the kernel has the waiter listed */

	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_row *row = table->rows[i];

		if (!row->line.level) {
			head = row;
			continue;
		}
		for (size_t j = 0; j < table->count && !row->dropped; j++) {
			if (is_in_the_way(row, table->rows[j]))
				block_by(row, table->rows[j]);
		}
		if (!row->blockers_count && head && !head->dropped &&
		    !(head->description && head->description == row->description))
			block_by(row, head);
	}
}
