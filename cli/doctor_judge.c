/* SPDX-License-Identifier: MIT
 * What goes wrong in a place, and what to do: from facts that are gathered already. */
#include "cli/doctor_judge.h"
#include "cli/escape.h"
#include "cli/memory.h"

#include <string.h>
#include <unistd.h>

/* What flock is in the end, whatever the rule says. */
static enum policy_flock_value flock_of(const struct cli_explained *explained)
{
	if (explained->verdict.passed || explained->verdict.shadow)
		return POLICY_FLOCK_PASS;
	return (enum policy_flock_value)explained->verdict.actions->value[POLICY_FLOCK];
}

static void paste_rule(struct cli_doctor *doctor, const char *name, const char *key,
		       const char *value, const char *action)
{
	cli_doctor_say(&doctor->paste, "[rule %s]", name);
	cli_doctor_say(&doctor->paste, "%s = %s", key, value);
	cli_doctor_say(&doctor->paste, "flock = %s", action);
}

/* Somebody who flocks there natively needs `both` on the other side. */
static const char *action_for(const struct cli_users *users)
{
	for (size_t i = 0; users && i < users->count; i++) {
		if (users->at[i].who->state == CLI_CONVERTED_NO &&
		    users->at[i].families & 1u << CLI_TRY_FLOCK)
			return "both";
	}
	return "ofd";
}

static bool flocks_natively(const struct cli_user *user)
{
	return cli_converted_is_native(user->who) && user->families & 1u << CLI_TRY_FLOCK;
}

/* Who holds a mere flock there does not convert this file, whatever it does to others. */
static bool converts_it(const struct cli_user *user)
{
	return user->who->seen && user->who->state == CLI_CONVERTED_YES &&
	       (user->families != 1u << CLI_TRY_FLOCK || user->who->meets_native);
}

/* Each by its own policy, which need not be the one that was asked about. Those who hold record
 * locks alone have no flock to convert. */
static bool all_convert(const struct cli_users *users)
{
	bool some = false;

	if (!users || (users->hidden && geteuid() != 0))
		return false;
	for (size_t i = 0; i < users->count; i++) {
		const struct cli_user *user = &users->at[i];

		if (!converts_it(user) && (!user->families || user->families & 1u << CLI_TRY_FLOCK))
			return false;
		some |= converts_it(user);
	}
	return some;
}

static const char *name_of(const struct cli_converted *who)
{
	return cli_memory_format("%s[%d]", cli_escape(who->proc.name), who->proc.pid);
}

/* A rule that converts counts for a process from its start on. */
static void judge_natives(const struct cli_explained *explained, struct cli_doctor *doctor)
{
	const struct cli_users *users = doctor->users;

	if ((explained->file.facts.exported != POLICY_YES && !doctor->families->flock_stays) ||
	    flock_of(explained) == POLICY_FLOCK_PASS)
		return;
	for (size_t i = 0; users && i < users->count; i++) {
		const struct cli_converted *who = users->at[i].who;

		if (!flocks_natively(&users->at[i]))
			continue;
		cli_doctor_say(&doctor->problems,
			       "%s (%s) holds a flock there: no lock of another host meets it",
			       name_of(who), cli_converted_word(who->state));
		cli_doctor_say(&doctor->advice,
			       "restart %s, once its service has the library and a rule for it",
			       who->proc.unit ? cli_escape(who->proc.unit) : name_of(who));
	}
}

static void judge_export(const struct cli_explained *explained, struct cli_doctor *doctor)
{
	const char *action = action_for(doctor->users);

	if (explained->file.facts.exported != POLICY_YES ||
	    flock_of(explained) != POLICY_FLOCK_PASS)
		return;
	if (all_convert(doctor->users)) {
		cli_doctor_add(&doctor->notes,
			       "exported over NFS, and flock passes by this policy; all who use it "
			       "now convert by their own");
		return;
	}
	cli_doctor_add(&doctor->problems,
		       "exported over NFS, and flock passes: a flock here and a client's are both "
		       "granted");
	cli_doctor_add(&doctor->advice,
		       "convert flock for every service that locks there (lockshim enable SERVICE "
		       "--policy FILE), with this rule:");
	if (!strcmp(action, "both"))
		cli_doctor_add(&doctor->advice,
			       "both, since processes without the library flock there now; ofd "
			       "once all have it");
	paste_rule(doctor, "exported", "exported", "yes", action);
}

static void judge_client(const struct cli_explained *explained, struct cli_doctor *doctor)
{
	if (!doctor->families->flock_stays || flock_of(explained) != POLICY_FLOCK_PASS)
		return;
	cli_doctor_add(&doctor->problems, "mounted with local_lock=flock, and flock passes: it "
					  "does not leave this host");
	cli_doctor_add(&doctor->advice,
		       "mount it without local_lock, or convert flock with this rule:");
	paste_rule(doctor, "nfs", "filesystem", explained->file.mount_point, "ofd");
	cli_doctor_add(&doctor->paste, "open-mode = fail");
}

static void judge_mount(struct cli_doctor *doctor)
{
	if (!doctor->families->trouble)
		return;
	cli_doctor_add(&doctor->problems, doctor->families->trouble);
	cli_doctor_add(&doctor->advice, doctor->families->cure);
}

static void judge_treatment(const struct cli_explained *explained, struct cli_doctor *doctor)
{
	const struct cli_file *file = &explained->file;

	if (explained->verdict.passed && policy_changes_calls(explained->verdict.actions))
		cli_doctor_say(&doctor->notes,
			       "a rule converts calls, and they pass all the same: %s",
			       explained->verdict.passed);
	if (file->treatment == POLICY_CONVERT_IF_NAMED)
		cli_doctor_say(&doctor->notes,
			       "%s: only a rule with filesystem, path or fstype "
			       "converts there",
			       file->why);
	if (explained->verdict.shadow)
		cli_doctor_add(&doctor->notes, "shadow = yes: nothing is changed yet");
	if (!file->exists)
		cli_doctor_add(&doctor->notes, "not there: looked at as a new file");
}

static void judge_tried(struct cli_doctor *doctor)
{
	const struct cli_tried *tried = doctor->tried;

	if (!tried)
		return;
	if (!tried->done) {
		cli_doctor_say(&doctor->notes, "not tried: %s", tried->trouble);
		return;
	}
	for (int i = 0; i < CLI_TRY_FAMILIES; i++) {
		enum cli_try_family family = (enum cli_try_family)i;
		const char *text = cli_try_text(tried, family, family);

		if (strcmp(text, "yes") != 0)
			cli_doctor_say(&doctor->problems, "tried: %s does not keep %s out: %s",
				       cli_try_names[i], cli_try_names[i],
				       strcmp(text, "no") ? text : "both granted");
	}
}

void cli_doctor_judge_place(const struct cli_explained *explained, struct cli_doctor *doctor)
{
	judge_export(explained, doctor);
	judge_natives(explained, doctor);
	judge_client(explained, doctor);
	judge_mount(doctor);
	judge_treatment(explained, doctor);
	judge_tried(doctor);
}

static const char *state_text(const struct cli_converted *who)
{
	if (!who->seen)
		return "not to be seen";
	return who->has_hash ? cli_memory_format("%s, hash %s", cli_converted_word(who->state),
						 cli_converted_hash_text(who))
			     : cli_converted_word(who->state);
}

static void say_pair(const char *how, const struct cli_user *one, const struct cli_user *other,
		     struct cli_doctor_lines *lines)
{
	const char *first = name_of(one->who), *second = name_of(other->who);

	cli_doctor_say(lines, "%s (%s) and %s (%s) both use %s: %s", first, state_text(one->who),
		       second, state_text(other->who), cli_escape(one->path), how);
}

/* 2: a problem, 1: it may be one. Record locks meet what flock became; a native flock does where
 * the other takes both. */
static int judge_pair(const struct cli_user *one, const struct cli_user *other,
		      struct cli_doctor *doctor)
{
	bool swapped = cli_converted_is_native(other->who);
	const struct cli_user *native = swapped ? other : one, *converted = swapped ? one : other;

	if (!cli_converted_differ(one->who, other->who))
		return 0;
	if (!cli_converted_is_native(native->who) || native->families & 1u << CLI_TRY_FLOCK) {
		say_pair("they do not keep each other out", one, other, &doctor->problems);
		return 2;
	}
	if (native->families)
		return 0;
	say_pair("if the first takes flock, they do not keep each other out", native, converted,
		 &doctor->notes);
	return 1;
}

static bool is_asked(const struct cli_user *one, const struct cli_user *other, int pid)
{
	if (pid)
		return one->who->proc.pid == pid || other->who->proc.pid == pid;
	return !strcmp(one->path, other->path);
}

/* Where many differ from one, an example of each sort is enough. */
void cli_doctor_judge_users(const struct cli_users *users, int pid, struct cli_doctor *doctor)
{
	int worst = 0;

	for (size_t i = 0; i < users->count; i++) {
		for (size_t j = 0; j < i && worst < 2; j++) {
			const struct cli_user *one = &users->at[j], *other = &users->at[i];
			int how = is_asked(one, other, pid) ? judge_pair(one, other, doctor) : 0;

			worst = how > worst ? how : worst;
		}
	}
	if (worst == 2)
		cli_doctor_add(&doctor->advice, "one policy for one file: enable it for all its "
						"users and restart them together; where some have "
						"to stay unconverted, flock = both for the others");
	if (users->hidden)
		cli_doctor_say(&doctor->notes,
			       "users: processes that could not be looked into: %zu%s",
			       users->hidden, geteuid() == 0 ? "" : "; root sees them");
}
