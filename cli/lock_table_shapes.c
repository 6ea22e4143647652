/* SPDX-License-Identifier: MIT
 * Puts the pieces of converted locks together again. What is laid out so by chance is a program's
 * own is left as the kernel has it. */
#include "cli/lock_table_bytes.h"
#include "cli/lock_table_inside.h"
#include "cli/lock_table_policy.h"

#include <string.h>

static bool is_keeper(const struct cli_lock_row *row)
{
	const struct cli_lock_line *line = &row->line;

	return !line->level && !row->dropped && line->family == CLI_LOCK_OFD && !line->start &&
	       line->end == CLI_KEEPER_LAST && row->holders_count &&
	       row->holders[0].process->command &&
	       !strcmp(row->holders[0].process->command, CLI_KEEPER_PROGRAM);
}

static bool is_preloaded(const struct cli_lock_row *row)
{
	for (size_t i = 0; i < row->holders_count; i++) {
		if (row->holders[i].process->preloaded)
			return true;
	}
	return false;
}

static bool may_be_flock(const struct cli_lock_row *row)
{
	return cli_lock_table_origins(row).ofd >> CLI_LOCK_FLOCK & 1;
}

static bool is_held_ofd(const struct cli_lock_row *row)
{
	return !row->dropped && !row->line.level && row->line.family == CLI_LOCK_OFD;
}

static bool is_marks(const struct cli_lock_row *row)
{
	return is_held_ofd(row) && !row->line.write && row->line.start == CLI_KEEPER_ORDER &&
	       row->line.end == CLI_LOCK_EOF;
}

/* What a keeper holds is its original's, whose own lock is its token. */
static void give_to_original(struct cli_lock_row *keeper, struct cli_lock_row *original)
{
	keeper->dropped = true;
	original->line.family = CLI_LOCK_OFD;
	original->line.write = keeper->line.write;
	original->line.start = 0;
	original->line.end = CLI_LOCK_EOF;
	original->asked = CLI_LOCK_FLOCK;
	original->notes |= 1u << CLI_LOCK_NOTE_KEEPER;
}

/* The flock beside a shared keeper has its number; one that was there before has another. */
static bool is_token(const struct cli_lock_row *row, const struct cli_lock_row *keeper,
		     bool by_number)
{
	const struct cli_lock_line *line = &row->line;

	if (!cli_lock_file_same(&line->file, &keeper->line.file) || row->dropped)
		return false;
	if (keeper->line.write)
		return is_marks(row);
	return line->family == CLI_LOCK_FLOCK && !line->level && !line->write &&
	       (by_number ? line->pid == keeper->holders[0].process->pid : is_preloaded(row));
}

static void follow_keeper(struct cli_lock_table *table, struct cli_lock_row *keeper)
{
	for (int by_number = 1; by_number >= 0; by_number--) {
		for (size_t i = 0; i < table->count; i++) {
			if (!is_token(table->rows[i], keeper, by_number))
				continue;
			give_to_original(keeper, table->rows[i]);
			return;
		}
	}
}

static void follow_keepers(struct cli_lock_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (is_keeper(table->rows[i]))
			follow_keeper(table, table->rows[i]);
	}
	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_row *row = table->rows[i];

		if (is_marks(row) && row->holders_count) {
			row->asked = CLI_LOCK_FLOCK;
			row->notes |= 1u << CLI_LOCK_NOTE_KEEPER_LOST;
		}
		if (row->line.level && row->line.family == CLI_LOCK_OFD &&
		    row->line.start >= CLI_KEEPER_BELL && row->line.start == row->line.end)
			row->dropped = true;
	}
}

static bool is_piece(const struct cli_lock_row *row, const struct cli_lock_row *last)
{
	return is_held_ofd(row) && row->description == last->description &&
	       cli_lock_file_same(&row->line.file, &last->line.file);
}

static bool share_holder(const struct cli_lock_row *one, const struct cli_lock_row *other)
{
	for (size_t i = 0; i < one->holders_count; i++) {
		if (cli_lock_row_held_by(other, one->holders[i].process->pid))
			return true;
	}
	return false;
}

/* A flock leaves out what its own process locks otherwise: then that has the first byte. */
static bool has_first_byte(const struct cli_lock_table *table, const struct cli_lock_row *last)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct cli_lock_row *row = table->rows[i];

		if (!row->line.level && !row->line.start && row->line.family != CLI_LOCK_FLOCK &&
		    cli_lock_file_same(&row->line.file, &last->line.file) &&
		    (is_piece(row, last) || share_holder(row, last)))
			return true;
	}
	return false;
}

static void unfold(struct cli_lock_table *table, const struct cli_lock_row *entry)
{
	const bool writes = entry->line.start >= CLI_BOOK_WRITES;
	const int64_t base = writes ? CLI_BOOK_WRITES : CLI_BOOK_READS;
	struct cli_lock_row *row = cli_lock_table_add(table, &entry->line);

	*row = *entry;
	row->dropped = false;
	row->asked = CLI_LOCK_POSIX;
	row->line.write = writes;
	row->line.start -= base;
	row->line.end =
		entry->line.end - base >= CLI_BOOK_REST ? CLI_LOCK_EOF : entry->line.end - base;
}

static void add_upgrade(struct cli_lock_table *table, struct cli_lock_row *last)
{
	struct cli_lock_row *row = cli_lock_table_add(table, &last->line);

	last->notes |= 1u << CLI_LOCK_NOTE_UPGRADING;
	*row = *last;
	row->line.write = true;
	row->line.level = 1;
}

/* All pieces of LAST's description, which a flock is. */
static void put_together(struct cli_lock_table *table, struct cli_lock_row *last)
{
	const size_t count = table->count;
	const bool book = last->line.start == CLI_BOOK_BEHIND;
	bool upgrading = false;

	for (size_t i = 0; i < count; i++) {
		struct cli_lock_row *row = table->rows[i];

		if (row == last || !is_piece(row, last))
			continue;
		row->dropped = true;
		if (book && row->line.start >= CLI_BOOK_READS && row->line.end <= CLI_BOOK_END)
			unfold(table, row);
		upgrading |= !last->line.write && row->line.end + 1 >= CLI_GAP_FIRST &&
			     row->line.end + 1 <= CLI_GAP_LAST &&
			     last->line.start == row->line.end + 2;
	}
	last->asked = CLI_LOCK_FLOCK;
	last->line.start = 0;
	if (upgrading)
		add_upgrade(table, last);
}

static void put_flocks_together(struct cli_lock_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_row *row = table->rows[i];

		if (is_held_ofd(row) && row->asked == CLI_LOCK_UNKNOWN && may_be_flock(row) &&
		    row->line.end == CLI_LOCK_EOF && has_first_byte(table, row))
			put_together(table, row);
	}
}

/* A waiter for what a keeper is to hold, or for the piece that a flock lacks. */
static bool is_waiting_flock(const struct cli_lock_line *line)
{
	return line->level && line->family == CLI_LOCK_OFD &&
	       (!line->start || line->start >= CLI_MIXED_END) &&
	       (line->end == CLI_LOCK_EOF || line->end == CLI_KEEPER_LAST);
}

static bool may_be(unsigned origins, enum cli_lock_family family)
{
	return origins >> family & 1;
}

/* By the policy. A lock of the same kind that the program takes itself can't be told from one that
 * was made of another: it is taken for the latter, as few programs do. */
static enum cli_lock_family ofd_of(unsigned origins, const struct cli_lock_line *line)
{
	if (may_be(origins, CLI_LOCK_FLOCK) && is_waiting_flock(line))
		return CLI_LOCK_FLOCK;
	return may_be(origins, CLI_LOCK_POSIX) ? CLI_LOCK_POSIX : CLI_LOCK_OFD;
}

static enum cli_lock_family posix_of(unsigned origins, const struct cli_lock_line *line)
{
	if (may_be(origins, CLI_LOCK_FLOCK) && !line->start && line->end == CLI_LOCK_EOF)
		return CLI_LOCK_FLOCK;
	return may_be(origins, CLI_LOCK_OFD) ? CLI_LOCK_UNKNOWN : CLI_LOCK_POSIX;
}

/* A lock that reaches the end ends earlier beside a flock. */
static void put_end(struct cli_lock_line *line)
{
	if ((line->family == CLI_LOCK_POSIX && line->end == CLI_MIXED_END) ||
	    (line->family == CLI_LOCK_OFD && line->end == CLI_RANGE_END))
		line->end = CLI_LOCK_EOF;
}

static void ask_policy(struct cli_lock_row *row)
{
	struct cli_lock_origins origins = cli_lock_table_origins(row);
	struct cli_lock_line *line = &row->line;

	row->asked = line->family;
	if (!origins.ofd && !origins.posix) {
		if (row->holders[0].process->unseen)
			row->asked = CLI_LOCK_UNKNOWN;
		return;
	}
	if (line->family == CLI_LOCK_OFD)
		row->asked = ofd_of(origins.ofd, line);
	if (line->family == CLI_LOCK_POSIX)
		row->asked = posix_of(origins.posix, line);
	put_end(line);
	if (row->asked == CLI_LOCK_FLOCK && line->family == CLI_LOCK_OFD) {
		line->start = 0;
		line->end = CLI_LOCK_EOF;
	}
}

void cli_lock_table_shapes(struct cli_lock_table *table)
{
	follow_keepers(table);
	put_flocks_together(table);
	for (size_t i = 0; i < table->count; i++) {
		struct cli_lock_row *row = table->rows[i];

		if (!row->dropped && row->asked == CLI_LOCK_UNKNOWN && row->holders_count)
			ask_policy(row);
	}
}
