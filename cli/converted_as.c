/* SPDX-License-Identifier: MIT
 * setfsuid(2) and its like: of this thread, for file access alone, and without CAP_DAC_*. */
#include "cli/converted_as.h"
#include "cli/memory.h"

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "cli/cli.h"

#define MOST_GROUPS 65536

struct groups {
	gid_t group, *more;
	size_t count;
};

/* The numbers of a line of status, at most MOST; returns how many. */
static size_t numbers(const char *status, const char *name, gid_t *ret, size_t most)
{
	const char *line = strstr(status, name);
	size_t count = 0;
	char *end;

	for (line = line ? line + strlen(name) : "\n"; count < most; line = end) {
		line += strspn(line, " \t");
		if (*line < '0' || *line > '9')
			break;
		ret[count++] = (gid_t)strtoul(line, &end, 10);
	}
	return count;
}

static bool read_groups(int pid, struct groups *ret)
{
	const char *status = cli_memory_read(cli_memory_format("/proc/%d/status", pid), NULL);
	gid_t four[4];

	if (!status || numbers(status, "\nGid:", four, 4) != 4)
		return false;
	ret->group = four[3];
	ret->more = cli_memory_get(MOST_GROUPS * sizeof(*ret->more));
	ret->count = numbers(status, "\nGroups:", ret->more, MOST_GROUPS);
	return true;
}

/* Groups first: without the user's rights they could not be changed. */
static bool take(uint32_t user, const struct groups *groups)
{
	if (setgroups(groups->count, groups->more))
		return false;
	setfsgid(groups->group);
	setfsuid(user);
	return (uint32_t)setfsuid((uid_t)-1) == user && (gid_t)setfsgid((gid_t)-1) == groups->group;
}

static void give_back(const struct groups *own)
{
	setfsuid(geteuid());
	setfsgid(getegid());
	if (setgroups(own->count, own->more))
		err(CLI_FAILED, "setgroups");
}

static int load(const struct cli_proc *proc, const char *file, struct policy **ret,
		struct policy_error *ret_error)
{
	struct policy_trust trust = { proc->user, proc->secure };

	return policy_load(ret, file, &trust, &cli_memory_for_policy, ret_error);
}

static int refuse(const char *file, struct policy_error *ret_error)
{
	*ret_error = (struct policy_error){ .file = file };
	strcpy(ret_error->text, "not read: the rights of its user could not be taken");
	return -EACCES;
}

int cli_converted_load(const struct cli_proc *proc, const char *file, struct policy **ret,
		       struct policy_error *ret_error)
{
	static struct groups own;
	struct groups theirs;
	int result;

	if (geteuid() != 0 || proc->user == 0)
		return load(proc, file, ret, ret_error);
	if (!own.more) {
		own.more = cli_memory_get(MOST_GROUPS * sizeof(*own.more));
		own.count = (size_t)getgroups(MOST_GROUPS, own.more);
	}
	result = read_groups(proc->pid, &theirs) && take(proc->user, &theirs)
			 ? load(proc, file, ret, ret_error)
			 : refuse(file, ret_error);
	give_back(&own);
	return result;
}
