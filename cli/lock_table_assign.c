/* SPDX-License-Identifier: MIT
 * Which descriptors are one open file description, and which description has which lock. */
#include "cli/lock_table_inside.h"

#include <linux/kcmp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the kernel does not say: the same place in the file, flags and mount. */
static bool same_description(const struct cli_lock_sight *one, const struct cli_lock_sight *other)
{
	long differ = -1;

	if (one->process == other->process && one->fd == other->fd)
		return true;
#ifdef SYS_kcmp
	differ = syscall(SYS_kcmp, one->process->pid, other->process->pid, KCMP_FILE, one->fd,
			 other->fd);
#endif
	return differ < 0 ? !strcmp(one->state, other->state) : !differ;
}

/* Descriptors of one file alone can be of one description. */
static void number(struct cli_lock_sights *sights)
{
	for (size_t i = 0; i < sights->count; i++) {
		struct cli_lock_sight *sight = &sights->at[i];

		for (size_t j = 0; j < i && !sight->description; j++) {
			const struct cli_lock_sight *other = &sights->at[j];

			if (cli_lock_file_same(&sight->line.file, &other->line.file) &&
			    same_description(sight, other))
				sight->description = other->description;
		}
		if (!sight->description)
			sight->description = ++sights->descriptions;
	}
}

/* A second row of the same line is another description's. A POSIX lock is its process's, whatever
 * the description. */
static bool fits(const struct cli_lock_row *row, const struct cli_lock_sight *sight)
{
	return !sight->used && cli_lock_line_same(&row->line, &sight->line) &&
	       (!row->description || row->description == sight->description ||
		row->line.family == CLI_LOCK_POSIX);
}

static void give(struct cli_lock_row *row, struct cli_lock_sights *sights)
{
	for (size_t i = 0; i < sights->count; i++) {
		struct cli_lock_sight *sight = &sights->at[i];

		if (!fits(row, sight))
			continue;
		sight->used = true;
		row->description = sight->description;
		if (!row->path)
			row->path = sight->path;
		cli_lock_row_hold(row, sight->process, sight->fd);
		cli_lock_table_facts(sight->process);
	}
}

/* The only line of its kind is one description's, even where that can't be asked. */
static bool is_only(const struct cli_lock_table *table, const struct cli_lock_row *row)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i] != row && cli_lock_line_same(&table->rows[i]->line, &row->line))
			return false;
	}
	return true;
}

static void unite(const struct cli_lock_row *row, struct cli_lock_sights *sights)
{
	unsigned one = 0;

	for (size_t i = 0; i < sights->count; i++) {
		struct cli_lock_sight *sight = &sights->at[i];

		if (!cli_lock_line_same(&row->line, &sight->line))
			continue;
		if (one && sight->description != one) {
			for (size_t j = 0, from = sight->description; j < sights->count; j++) {
				if (sights->at[j].description == from)
					sights->at[j].description = one;
			}
		}
		one = sight->description;
	}
}

void cli_lock_table_assign(struct cli_lock_table *table, struct cli_lock_sights *sights)
{
	number(sights);
	for (size_t i = 0; i < table->count; i++) {
		const struct cli_lock_row *row = table->rows[i];

		if (!row->line.level && row->line.family != CLI_LOCK_POSIX && is_only(table, row))
			unite(row, sights);
	}
	for (size_t i = 0; i < table->count; i++) {
		if (!table->rows[i]->line.level)
			give(table->rows[i], sights);
	}
}
