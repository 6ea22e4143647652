/* SPDX-License-Identifier: MIT
 * Advice on single rules: one function a kind, all in a table. */
#include "cli/advice.h"
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

static bool differ(const struct policy_actions *one, const struct policy_actions *other)
{
	return memcmp(one->value, other->value, sizeof(one->value)) != 0;
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
		    "path decides by name: under another name (hard link, bind mount) the same "
		    "file may be decided otherwise, and the two don't exclude each other; "
		    "filesystem covers all names");
	return 0;
}

static unsigned note_unsafe(const struct place *place, const struct policy_rule *rule)
{
	(void)place;
	if (rule->actions.value[POLICY_FLOCK] == POLICY_FLOCK_SUCCEED)
		say("note", rule, rule->line,
		    "flock = succeed takes no lock: whoever asks is told to hold it, and what "
		    "the lock guards can be lost");
	return 0;
}

/* By what lets go of it, or fails to. */
static const struct {
	const char *name, *text;
} posix_losses[] = {
	{ "close", "the lock goes when the process closes any descriptor of the file, and be it in "
		   "a library" },
	{ "fork", "a child does not hold it, nor does who is sent the descriptor; LOCK_UN there "
		  "lets go of nothing, and when the process ends the lock does" },
	{ "exec", "it is kept over exec by the process alone, until any descriptor of the file is "
		  "closed (close-on-exec ones at once); what a child locks for its parent, as "
		  "flock(1) does for a shell, goes with the child" },
	{ "same-process", "a second open of the file in the same process is not kept out, and a "
			  "LOCK_SH through it makes a LOCK_EX shared" },
	{ "fcntl", "the process's flock and fcntl locks on the file are one lock: to let go of "
		   "either lets go of both" },
};

/* PLACE: who set it. */
static void say_losses(const char *place)
{
	for (size_t i = 0; i < sizeof(posix_losses) / sizeof(posix_losses[0]); i++)
		warnx("%s flock = posix, hazard %s: %s", place, posix_losses[i].name,
		      posix_losses[i].text);
}

static bool is_posix(const struct policy_actions *actions)
{
	return actions->value[POLICY_FLOCK] == POLICY_FLOCK_POSIX;
}

/* What the overlay sets is said once, for all rules and for none. */
static bool is_overlaid(const struct policy *policy)
{
	return policy->no_rule.set & 1u << POLICY_FLOCK;
}

static unsigned note_posix(const struct place *place, const struct policy_rule *rule)
{
	if (is_posix(&rule->actions) && !is_overlaid(place->policy))
		say_losses(cli_memory_format("%s:%u: note: [rule %s]", rule->file,
					     rule->action_line[POLICY_FLOCK], rule->name));
	return 0;
}

static void note_overlay(const struct cli_policy *loaded)
{
	if (is_overlaid(loaded->policy) && is_posix(&loaded->policy->no_rule))
		say_losses(cli_memory_format("%s: note:", loaded->overlay_name));
}

static unsigned note_shadow(const struct place *place, const struct policy_rule *rule)
{
	(void)place;
	if (rule->actions.value[POLICY_SHADOW])
		say("note", rule, rule->line, "shadow = yes: nothing is changed yet");
	return 0;
}

static unsigned (*const advices[])(const struct place *place, const struct policy_rule *rule) = {
	warn_of_mount_points, warn_of_users, note_path, note_unsafe, note_posix, note_shadow,
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
	note_overlay(loaded);
	return warnings;
}
