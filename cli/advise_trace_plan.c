/* SPDX-License-Identifier: MIT
 * What one file needs, all programs that use it need: so it is decided file by file, and only what
 * is left differs by program. */
#include "cli/advise_trace_plan.h"
#include "cli/advise_trace_paths.h"
#include "cli/advise_trace_place.h"
#include "cli/memory.h"

#include <string.h>

/* One program's files at one place. */
struct group {
	const struct advise_located *at;
	size_t count;
};

struct plan {
	struct advise_rule *rules;
	size_t count;
};

static bool takes_flock(const struct advise_use *use)
{
	return use->of[ADVISE_FLOCKS] > 0;
}

static enum policy_flock_value flock_of(const struct advise_use *use)
{
	if (use->file->meets)
		return POLICY_FLOCK_PASS;
	return use->file->outside ? POLICY_FLOCK_BOTH : POLICY_FLOCK_OFD;
}

/* Files that need VALUE, or, where it is OFD, all that no flock decides too. */
static bool needs(const struct advise_use *use, enum policy_flock_value value)
{
	return takes_flock(use) ? flock_of(use) == value : value == POLICY_FLOCK_OFD;
}

/* The names of those that need VALUE. False where one has no name. */
static bool names_of(const struct group *group, enum policy_flock_value value, const char **ret,
		     size_t *ret_count)
{
	bool all = true;

	*ret_count = 0;
	for (size_t i = 0; i < group->count; i++) {
		const char *path = advise_path(group->at[i].use->file);

		if (!needs(group->at[i].use, value))
			continue;
		all &= path != NULL;
		if (path)
			ret[(*ret_count)++] = path;
	}
	return all;
}

static void add_up(struct advise_rule *rule, const struct advise_use *use)
{
	const struct advise_file *file = use->file;

	rule->files++;
	for (int i = 0; i < ADVISE_COUNTS; i++)
		rule->of[i] += use->of[i];
	rule->apart += file->apart;
	rule->upgraders |= file->upgraders;
	if (!takes_flock(use))
		return;
	rule->meets += file->meets;
	rule->outside += file->outside;
	if (!rule->example)
		rule->example = advise_path(file);
}

/* For the files that need one of VALUES; the last decides, and its files come first. */
static struct advise_rule *add_rule(struct plan *plan, const struct group *group,
				    const enum policy_flock_value *values, size_t values_count)
{
	struct advise_rule *rule = &plan->rules[plan->count++];

	*rule = (struct advise_rule){
		.program = group->at->use->program,
		.passes = group->at->passes,
		.flock = values[values_count - 1],
	};
	while (values_count--) {
		for (size_t i = 0; i < group->count; i++) {
			if (needs(group->at[i].use, values[values_count]))
				add_up(rule, group->at[i].use);
		}
	}
	return rule;
}

/* True where VALUE is one for a rule of its own, which comes first then. */
static bool set_apart(struct plan *plan, const struct group *group, enum policy_flock_value value,
		      const char **names)
{
	const char *list = NULL;
	size_t count;

	if (names_of(group, value, names, &count))
		list = advise_paths_exact(names, count);
	if (!list || !count || count == group->count)
		return false;
	struct advise_rule *rule = add_rule(plan, group, &value, 1);

	rule->paths = list;
	rule->exception = true;
	return true;
}

static void scope(struct advise_rule *rule, const struct group *group, const char **names)
{
	size_t count = 0;

	rule->filesystem = group->at->point;
	for (size_t i = 0; i < group->count && !rule->filesystem; i++) {
		names[count] = advise_path(group->at[i].use->file);
		count += names[count] != NULL;
	}
	if (count)
		rule->paths = advise_paths_around(names, count);
}

static bool has(const struct group *group, enum policy_flock_value value)
{
	for (size_t i = 0; i < group->count; i++) {
		if (needs(group->at[i].use, value))
			return true;
	}
	return false;
}

/* The most careful value that is left decides for all that is left. */
static void plan_group(struct plan *plan, const struct group *group)
{
	static const enum policy_flock_value careful[] = { POLICY_FLOCK_BOTH, POLICY_FLOCK_PASS };
	const char **names = cli_memory_get((group->count + 1) * sizeof(*names));
	enum policy_flock_value left[3] = { POLICY_FLOCK_OFD };
	size_t left_count = 1;

	for (size_t i = 0; i < 2; i++) {
		if (has(group, careful[i]) &&
		    (group->at->passes || !set_apart(plan, group, careful[i], names)))
			left[left_count++] = careful[i];
	}
	scope(add_rule(plan, group, left, left_count), group, names);
}

static bool same_group(const struct advise_located *one, const struct advise_located *other)
{
	return one->use->program == other->use->program &&
	       !strcmp(one->point ? one->point : "", other->point ? other->point : "");
}

struct advise_rule *advise_plan(const struct advise_whole *whole, size_t *ret_count)
{
	struct group group = { 0 };
	struct advise_located *all;
	struct plan plan = { 0 };
	size_t count;

	all = advise_locate(whole, &count);
	plan.rules = cli_memory_get((3 * count + 1) * sizeof(*plan.rules));
	for (size_t i = 0; i < count; i += group.count) {
		group = (struct group){ &all[i], 1 };
		while (i + group.count < count && same_group(&all[i], &all[i + group.count]))
			group.count++;
		plan_group(&plan, &group);
	}
	*ret_count = plan.count;
	return plan.rules;
}
