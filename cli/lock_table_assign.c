/* SPDX-License-Identifier: MIT
 * Which descriptors are one open file description, and which description has which lock. There may
 * be ten thousands of each: all is sorted, and nothing compared with everything. */
#include "cli/lock_table_inside.h"
#include "cli/memory.h"

#include <linux/kcmp.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The sights of one line; those before NEXT have their row. */
struct group {
	struct cli_lock_sight **first, **next, **end;
	size_t rows;
};

struct groups {
	struct cli_lock_sight **sights; /* by line, then by description */
	size_t sights_count;
	struct group *at;
	size_t count;
};

static bool same_descriptor(const struct cli_lock_sight *one, const struct cli_lock_sight *other)
{
	return one->process == other->process && one->fd == other->fd &&
	       cli_lock_file_same(&one->line.file, &other->line.file);
}

/* The kernel has an order of descriptions. Where it does not say: the same place in the file, flags
 * and mount. */
static int compare_descriptions(const void *one_at, const void *other_at)
{
	static const int orders[] = { 0, -1, 1 };
	const struct cli_lock_sight *one = one_at, *other = other_at;
	int order = cli_lock_file_compare(&one->line.file, &other->line.file);
	long said = -1;

	if (order || same_descriptor(one, other))
		return order;
#ifdef SYS_kcmp
	said = syscall(SYS_kcmp, one->process->pid, other->process->pid, KCMP_FILE, one->fd,
		       other->fd);
#endif
	return said < 0 || said > 2 ? strcmp(one->state, other->state) : orders[said];
}

static void keep(void *sight)
{
	(void)sight;
}

/* A tree, which a process that ends meanwhile can make wrong but not unsafe. */
static void number(struct cli_lock_sights *sights)
{
	void *tree = NULL;

	for (size_t i = 0; i < sights->count; i++) {
		struct cli_lock_sight *sight = &sights->at[i], *const * found;

		if (i && same_descriptor(sight - 1, sight)) {
			sight->description = sight[-1].description;
			continue;
		}
		found = tsearch(sight, &tree, compare_descriptions);
		if (found)
			sight->description = (*found)->description;
		if (!sight->description)
			sight->description = ++sights->descriptions;
	}
	tdestroy(tree, keep);
}

/* Of one description as they were seen. */
static int compare_sights(const void *one_at, const void *other_at)
{
	const struct cli_lock_sight *one = *(struct cli_lock_sight *const *)one_at;
	const struct cli_lock_sight *other = *(struct cli_lock_sight *const *)other_at;
	int order = cli_lock_line_compare(&one->line, &other->line);

	if (!order && one->description != other->description)
		order = one->description < other->description ? -1 : 1;
	return order ? order : (one > other) - (one < other);
}

static void sort(struct groups *groups)
{
	qsort(groups->sights, groups->sights_count, sizeof(struct cli_lock_sight *),
	      compare_sights);
}

static void find_groups(struct cli_lock_sights *sights, struct groups *ret)
{
	*ret = (struct groups){
		.sights = cli_memory_get((sights->count + 1) * sizeof(struct cli_lock_sight *)),
		.sights_count = sights->count,
		.at = cli_memory_get((sights->count + 1) * sizeof(struct group)),
	};
	for (size_t i = 0; i < sights->count; i++)
		ret->sights[i] = &sights->at[i];
	sort(ret);
	for (size_t i = 0; i < sights->count; i++) {
		struct cli_lock_sight **at = &ret->sights[i];

		if (!i || !cli_lock_line_same(&at[-1]->line, &at[0]->line))
			ret->at[ret->count++] = (struct group){ .first = at, .next = at };
		ret->at[ret->count - 1].end = at + 1;
	}
}

static int compare_with_group(const void *line, const void *group)
{
	return cli_lock_line_compare(line, &(*((const struct group *)group)->first)->line);
}

/* NULL: no descriptor shows such a lock. */
static struct group *group_of(const struct groups *groups, const struct cli_lock_row *row)
{
	return row->line.level ? NULL
			       : bsearch(&row->line, groups->at, groups->count,
					 sizeof(struct group), compare_with_group);
}

/* The only line of its kind is one description's, even where that can't be asked. */
static void unite(const struct group *group, struct cli_lock_sights *sights)
{
	for (struct cli_lock_sight **at = group->first; at < group->end; at++) {
		const unsigned from = (*at)->description, to = (*group->first)->description;

		for (size_t i = 0; from != to && i < sights->count; i++) {
			if (sights->at[i].description == from)
				sights->at[i].description = to;
		}
	}
}

static void unite_only(struct cli_lock_table *table, struct groups *groups,
		       struct cli_lock_sights *sights)
{
	for (size_t i = 0; i < table->count; i++) {
		struct group *group = group_of(groups, table->rows[i]);

		if (group)
			group->rows++;
	}
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->at[i];

		if (group->rows == 1 && (*group->first)->line.family != CLI_LOCK_POSIX)
			unite(group, sights);
	}
}

/* A second row of the same line is another description's. A POSIX lock is its process's, whatever
 * the description. */
static bool fits(const struct cli_lock_row *row, const struct cli_lock_sight *sight)
{
	return !row->description || row->description == sight->description ||
	       row->line.family == CLI_LOCK_POSIX;
}

static void give(struct cli_lock_row *row, struct group *group)
{
	for (; group->next < group->end && fits(row, *group->next); group->next++) {
		const struct cli_lock_sight *sight = *group->next;

		row->description = sight->description;
		if (!row->path)
			row->path = sight->path;
		cli_lock_row_hold(row, sight->process, sight->fd);
		cli_lock_table_facts(sight->process);
	}
}

void cli_lock_table_assign(struct cli_lock_table *table, struct cli_lock_sights *sights)
{
	struct groups groups;

	number(sights);
	find_groups(sights, &groups);
	unite_only(table, &groups, sights);
	sort(&groups);
	for (size_t i = 0; i < table->count; i++) {
		struct group *group = group_of(&groups, table->rows[i]);

		if (group)
			give(table->rows[i], group);
	}
}
