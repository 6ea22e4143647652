/* SPDX-License-Identifier: MIT
 * Makes the checks from within: a child takes the service's root, user and groups, since what it
 * may read decides whether the policy counts there. */
#include "cli/below.h"
#include "cli/cli.h"
#include "cli/memory.h"
#include "cli/unit_plan.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define GROUPS 256

struct identity {
	uid_t user;
	gid_t groups[GROUPS];
	int groups_count;
	bool changes; /* else it runs as root, with this command's groups */
};

static FILE *open_below(const struct cli_unit *unit, const char *path)
{
	int fd = cli_below_open(unit->root, path, O_RDONLY | O_NONBLOCK);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* From the root's own file: the user may not be one of ours. */
static bool find_user(const struct cli_unit *unit, const char *name, struct identity *ret,
		      const char **ret_name)
{
	FILE *file = open_below(unit, "/etc/passwd");
	const struct passwd *entry;
	bool found = false;

	while (file && !found && (entry = fgetpwent(file))) {
		found = !strcmp(entry->pw_name, name) ||
			!strcmp(cli_memory_format("%u", (unsigned)entry->pw_uid), name);
		if (!found)
			continue;
		ret->user = entry->pw_uid;
		ret->groups[0] = entry->pw_gid;
		*ret_name = cli_memory_format("%s", entry->pw_name);
	}
	if (file)
		fclose(file);
	return found;
}

static bool has_member(const struct group *entry, const char *user)
{
	for (char **member = entry->gr_mem; user && *member; member++) {
		if (!strcmp(*member, user))
			return true;
	}
	return false;
}

static bool is_named(const struct cli_unit *unit, const char *key, const struct group *entry)
{
	const struct cli_unit_setting *setting;
	size_t at = 0;

	while ((setting = cli_unit_next(unit, key, &at))) {
		const char *text = setting->value, *word;

		while ((word = cli_unit_word(unit, &text))) {
			if (!strcmp(word, entry->gr_name))
				return true;
		}
	}
	return false;
}

/* Group= takes the first place. */
static void find_groups(const struct cli_unit *unit, const char *user, struct identity *ret)
{
	FILE *file = open_below(unit, "/etc/group");
	const char *group = cli_unit_text(unit, "Group");
	const struct group *entry;

	ret->groups_count = 1;
	while (file && (entry = fgetgrent(file)) && ret->groups_count < GROUPS) {
		if (group && !strcmp(entry->gr_name, group))
			ret->groups[0] = entry->gr_gid;
		if (has_member(entry, user) || is_named(unit, "SupplementaryGroups", entry))
			ret->groups[ret->groups_count++] = entry->gr_gid;
	}
	if (file)
		fclose(file);
}

static void find_identity(const struct cli_unit *unit, struct identity *ret)
{
	const char *asked = cli_unit_text(unit, "User"), *name = NULL;
	bool dynamic = cli_unit_is_on(unit, "DynamicUser");

	*ret = (struct identity){ .user = dynamic ? NOBODY : 0,
				  .groups = { dynamic ? NOBODY : 0 } };
	ret->changes = dynamic || asked;
	if (asked && !find_user(unit, asked, ret, &name) && !dynamic) {
		cli_unit_warn(cli_unit_place(cli_unit_last(unit, "User")),
			      "not in /etc/passwd yet; checked as a user without rights");
		ret->user = ret->groups[0] = NOBODY;
	}
	find_groups(unit, name, ret);
}

/* One after the other: links in the service's root directory lead below the system's root. */
static bool enter_root(const struct cli_unit *unit)
{
	const char *const roots[] = { *unit->root ? unit->root : NULL,
				      cli_unit_text(unit, "RootDirectory") };
	bool may = geteuid() == 0 || (!roots[0] && !roots[1]) || !unshare(CLONE_NEWUSER);

	for (size_t i = 0; i < 2; i++) {
		if (!roots[i] || (may && !chroot(roots[i]) && !chdir("/")))
			continue;
		warn("%s%s: cannot look inside%s", i ? unit->root : "", roots[i],
		     errno == EPERM ? "; try as root" : "");
		return false;
	}
	return true;
}

static void become(const struct cli_unit *unit, const struct identity *identity)
{
	if (!enter_root(unit))
		_exit(CLI_WRONG);
	if (cli_unit_is_on(unit, "NoNewPrivileges"))
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!identity->changes)
		return;
	if (setgroups((size_t)identity->groups_count, identity->groups) ||
	    setresgid(identity->groups[0], identity->groups[0], identity->groups[0]) ||
	    setresuid(identity->user, identity->user, identity->user))
		warn("warning: %s: checked as this user, not as its own", unit->name);
}

static int check_inside(const struct cli_unit_plan *plan)
{
	struct identity identity;
	pid_t child;
	int status;

	find_identity(plan->unit, &identity);
	child = fork();
	if (child < 0)
		err(CLI_WRONG, "fork");
	if (!child) {
		become(plan->unit, &identity);
		_exit(cli_unit_check_inside(plan) ? CLI_WRONG : CLI_OK);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_WRONG;
}

int cli_unit_check(struct cli_unit_plan *plan)
{
	int status = cli_unit_check_settings(plan) ? CLI_WRONG : CLI_OK;

	/* An image can't be entered. */
	if (!cli_unit_last(plan->unit, "RootImage") && check_inside(plan) != CLI_OK)
		status = CLI_WRONG;
	return status;
}
