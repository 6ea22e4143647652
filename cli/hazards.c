/* SPDX-License-Identifier: MIT
 * One table of what each value loses and changes. */
#include "cli/hazards.h"
#include "cli/memory.h"

#include <err.h>

enum sort {
	HAZARD,      /* a lock can be lost, or keeps somebody in: said of each rule that has it */
	HAZARD_ONCE, /* so it is, and by design: said of the first rule */
	CHANGE,      /* as safe, and not the same: said of the first rule */
};

static const struct {
	const char *name;
	bool once;
} sorts[] = {
	[HAZARD] = { "hazard", false },
	[HAZARD_ONCE] = { "hazard", true },
	[CHANGE] = { "change", true },
};

#define NO_LOCK                                                                                    \
	"takes no lock: whoever asks is told to hold it, and what the lock guards can be lost"

/* What POSIX locks lose, whatever call they come from. */
#define CLOSE                                                                                      \
	"the lock goes when the process closes any descriptor of the file, and be it in a library"
#define FORK                                                                                       \
	"a child does not hold it, nor does who is sent the descriptor; "                          \
	"an unlock there lets go of nothing, and when the process ends the lock does"
#define EXEC                                                                                       \
	"it is kept over exec by the process alone, until any descriptor of the file is closed "   \
	"(close-on-exec ones at once); what a child locks for its parent goes with the child"
#define SAME_PROCESS                                                                               \
	"a second open of the file in the same process is not kept out, and a shared lock "        \
	"through it makes an exclusive one shared"

#define FAMILIES_MEET                                                                              \
	"a process that takes flock and another that takes fcntl or lockf on one file keep each "  \
	"other out, which they did not"
#define MIXED                                                                                      \
	"a process that takes both on one file shares its bytes among the two: others see parts "  \
	"in F_GETLK, and its fcntl and lockf calls beside a held flock cost some hundred "         \
	"microseconds"

/* NULL as name: it has none, and stands first. */
static const struct {
	enum policy_action action;
	int value;
	enum sort sort;
	const char *name, *text;
} rows[] = {
	{ POLICY_FLOCK, POLICY_FLOCK_SUCCEED, HAZARD, NULL, NO_LOCK },
	{ POLICY_FCNTL, POLICY_FCNTL_SUCCEED, HAZARD, NULL, NO_LOCK },
	{ POLICY_OFD_CALLS, POLICY_OFD_CALLS_SUCCEED, HAZARD, NULL, NO_LOCK },
	{ POLICY_FLOCK, POLICY_FLOCK_POSIX, HAZARD, "close", CLOSE },
	{ POLICY_FLOCK, POLICY_FLOCK_POSIX, HAZARD, "fork", FORK },
	{ POLICY_FLOCK, POLICY_FLOCK_POSIX, HAZARD, "exec", EXEC },
	{ POLICY_FLOCK, POLICY_FLOCK_POSIX, HAZARD, "same-process", SAME_PROCESS },
	{ POLICY_FLOCK, POLICY_FLOCK_POSIX, HAZARD, "fcntl",
	  "the process's flock and fcntl locks on the file are one lock: to let go of either lets "
	  "go of both" },
	{ POLICY_OFD_CALLS, POLICY_OFD_CALLS_POSIX, HAZARD, "close", CLOSE },
	{ POLICY_OFD_CALLS, POLICY_OFD_CALLS_POSIX, HAZARD, "fork", FORK },
	{ POLICY_OFD_CALLS, POLICY_OFD_CALLS_POSIX, HAZARD, "exec", EXEC },
	{ POLICY_OFD_CALLS, POLICY_OFD_CALLS_POSIX, HAZARD, "same-process", SAME_PROCESS },
	{ POLICY_OFD_CALLS, POLICY_OFD_CALLS_POSIX, HAZARD, "fcntl",
	  "the process's F_OFD_SETLK and F_SETLK locks on the file are one owner's: to let go of "
	  "bytes lets go of them in both" },
	{ POLICY_FCNTL, POLICY_FCNTL_OFD, HAZARD, "shared-description",
	  "what another process may have too (open at the start, or come from a parent) keeps "
	  "POSIX locks, and loses what those lose; who is sent a descriptor by SCM_RIGHTS is not "
	  "kept out" },
	{ POLICY_FCNTL, POLICY_FCNTL_OFD, CHANGE, "close",
	  "the lock goes with the last descriptor of the description that it was asked through, "
	  "and no longer with any descriptor of the file" },
	{ POLICY_FCNTL, POLICY_FCNTL_OFD, CHANGE, "fork",
	  "a lock stays as long as a child has the descriptor, unless the parent lets go of it; "
	  "the child can once the parent is gone" },
	{ POLICY_FCNTL, POLICY_FCNTL_OFD, CHANGE, "getlk",
	  "others get -1 as the holder's pid; a lock to the end of the file ends at 2^62 - 1, and "
	  "others see a length instead of 0" },
	{ POLICY_FLOCK, POLICY_FLOCK_OFD, HAZARD_ONCE, "families-meet", FAMILIES_MEET },
	{ POLICY_FLOCK, POLICY_FLOCK_BOTH, HAZARD_ONCE, "families-meet", FAMILIES_MEET },
	{ POLICY_FLOCK, POLICY_FLOCK_OFD, CHANGE, "mixed", MIXED },
	{ POLICY_FLOCK, POLICY_FLOCK_BOTH, CHANGE, "mixed", MIXED },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What the overlay sets is said of it alone. */
static bool is_overlaid(const struct policy *policy, enum policy_action action)
{
	return policy->no_rule.set & 1u << action;
}

static bool is_said(const struct policy *policy, const struct policy_rule *rule, size_t row)
{
	for (size_t i = 0; sorts[rows[row].sort].once && policy->rules[i] != rule; i++) {
		if (policy->rules[i]->actions.value[rows[row].action] == rows[row].value)
			return true;
	}
	return false;
}

/* PLACE: who asked for it. */
static void say(const char *place, size_t row)
{
	const struct policy_key *key = policy_key_of_action(rows[row].action);
	const char *value = key->choices[rows[row].value];

	if (rows[row].name)
		warnx("%s %s = %s, %s %s: %s", place, key->name, value, sorts[rows[row].sort].name,
		      rows[row].name, rows[row].text);
	else
		warnx("%s %s = %s %s", place, key->name, value, rows[row].text);
}

void cli_hazards_of_rule(const struct policy *policy, const struct policy_rule *rule)
{
	for (size_t i = 0; i < ROWS; i++) {
		enum policy_action action = rows[i].action;

		if (rule->actions.value[action] == rows[i].value && !is_overlaid(policy, action) &&
		    !is_said(policy, rule, i))
			say(cli_memory_format("%s:%u: note: [rule %s]", rule->file,
					      rule->action_line[action], rule->name),
			    i);
	}
}

void cli_hazards_of_overlay(const struct cli_policy *loaded)
{
	const struct policy_actions *actions = &loaded->policy->no_rule;

	for (size_t i = 0; i < ROWS; i++) {
		if (is_overlaid(loaded->policy, rows[i].action) &&
		    actions->value[rows[i].action] == rows[i].value)
			say(cli_memory_format("%s: note:", loaded->overlay_name), i);
	}
}
