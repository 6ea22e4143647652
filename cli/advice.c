/* SPDX-License-Identifier: MIT
 * Advice on single rules: one function a kind, all in a table. */
#include "cli/advice.h"
#include "cli/hazards.h"
#include "cli/memory.h"
#include "cli/mounts.h"
#include "cli/process.h"

#include <err.h>
#include <string.h>

/* What the advice looks at besides the rule. */
struct place {
	const struct policy *policy;
	const uint64_t *devices; /* of policy->filesystems */
	struct cli_mounts mounts;
	const char *passwd;
};

static void say(const char *kind, const struct policy_rule *rule, unsigned line, const char *text)
{
	warnx("%s:%u: %s: [rule %s] %s", rule->file, line, kind, rule->name, text);
}

/* Mount points are looked up in mountinfo only: one that hangs when asked is named all the same. */
static unsigned warn_of_mount_points(const struct place *place, const struct policy_rule *rule)
{
	const struct policy_list *list = &rule->match[POLICY_FILESYSTEM];
	unsigned warnings = 0;

	for (size_t i = 0; place->mounts.len && i < list->count; i++) {
		const struct policy_item *item = &list->items[i];
		const char *above;

		if (place->devices[item->filesystem] != POLICY_NO_DEVICE)
			continue;
		above = cli_mounts_above(&place->mounts, item->text);
		say("warning", rule, list->line,
		    cli_memory_format("%s is no mount point here and matches nothing; by its name "
				      "it lies on the file system mounted at %s",
				      item->text, above ? above : "?"));
		warnings++;
	}
	return warnings;
}

static unsigned warn_of_users(const struct place *place, const struct policy_rule *rule)
{
	const struct policy_list *list = &rule->match[POLICY_USER];
	unsigned warnings = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i].text;

		if (!name[strspn(name, "0123456789")] || cli_process_has_user(place->passwd, name))
			continue;
		say("warning", rule, list->line,
		    cli_memory_format("user %s is not in /etc/passwd, where alone names are looked "
				      "up; use the number",
				      name));
		warnings++;
	}
	return warnings;
}

/* What is the process's, and what is recorded, decides no file's locks. */
static bool differ(const struct policy_actions *one, const struct policy_actions *other)
{
	uint32_t apart = POLICY_PROCESS_ACTIONS;

	apart |= POLICY_RECORD_ACTIONS;
	for (int i = 0; i < POLICY_ACTION_COUNT; i++) {
		if (!(apart & 1u << i) && one->value[i] != other->value[i])
			return true;
	}
	return false;
}

/* True where some name of the file could be decided otherwise than RULE does. */
static bool another_decides_otherwise(const struct policy *policy, const struct policy_rule *rule)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		if (differ(&policy->rules[i]->actions, &rule->actions))
			return true;
	}
	return differ(&policy->no_rule, &rule->actions);
}

static unsigned note_path(const struct place *place, const struct policy_rule *rule)
{
	if (rule->match_set & 1u << POLICY_PATH && another_decides_otherwise(place->policy, rule))
		say("note", rule, rule->match[POLICY_PATH].line,
		    "hazard two-names: path decides by name; under another name (hard link, bind "
		    "mount) the same "
		    "file may be decided otherwise, and the two don't exclude each other; "
		    "filesystem covers all names");
	return 0;
}

static unsigned note_hazards(const struct place *place, const struct policy_rule *rule)
{
	cli_hazards_of_rule(place->policy, rule);
	return 0;
}

static unsigned note_shadow(const struct place *place, const struct policy_rule *rule)
{
	(void)place;
	if (rule->actions.value[POLICY_SHADOW])
		say("note", rule, rule->line, "shadow = yes: nothing is changed yet");
	return 0;
}

static bool is_recorded(const struct policy *policy, enum policy_action action)
{
	bool is = policy->no_rule.value[action] != POLICY_RECORD_NO;

	for (size_t i = 0; i < policy->rules_count; i++)
		is |= policy->rules[i]->actions.value[action] != POLICY_RECORD_NO;
	return is;
}

/* To say where is not to ask for it. */
static unsigned note_unrecorded(const struct place *place, const struct policy_rule *rule)
{
	static const struct {
		enum policy_action key, recorded;
	} rows[] = {
		{ POLICY_TRACE_DIRECTORY, POLICY_TRACE },
		{ POLICY_TRACE_SIZE, POLICY_TRACE },
		{ POLICY_TRACE_FULL, POLICY_TRACE },
		{ POLICY_LOG_TO, POLICY_LOG },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned line = rule->action_line[rows[i].key];
		const char *recorded = policy_key_of_action(rows[i].recorded)->name;

		if (line && !is_recorded(place->policy, rows[i].recorded))
			say("note", rule, line,
			    cli_memory_format(
				    "%s alone records nothing; %s = all does, in any rule",
				    policy_key_of_action(rows[i].key)->name, recorded));
	}
	return 0;
}

static unsigned (*const advices[])(const struct place *place, const struct policy_rule *rule) = {
	warn_of_mount_points, warn_of_users, note_path, note_hazards, note_shadow, note_unrecorded,
};

unsigned cli_advice_print(const struct cli_policy *loaded)
{
	const struct policy *policy = loaded->policy;
	uint64_t *devices = cli_memory_get((policy->filesystems_count + 1) * sizeof(*devices));
	struct place place = { policy, devices, { 0 }, cli_process_passwd() };
	unsigned warnings = 0;

	cli_mounts_read(&place.mounts);
	policy_filesystem_devices(policy, place.mounts.text, place.mounts.len, devices);
	for (size_t i = 0; i < policy->rules_count; i++) {
		for (size_t j = 0; j < sizeof(advices) / sizeof(advices[0]); j++)
			warnings += advices[j](&place, policy->rules[i]);
	}
	cli_hazards_of_overlay(loaded);
	return warnings;
}
