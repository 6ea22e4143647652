/* SPDX-License-Identifier: MIT
 * Makes a policy_process as a preloaded program would find itself to be. */
#include "cli/process.h"
#include "cli/memory.h"
#include "cli/program.h"
#include "cli/reach.h"

#include <err.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cli_process_passwd(void)
{
	const char *text = cli_memory_read("/etc/passwd", NULL);

	return text ? text : "";
}

bool cli_process_has_user(const char *passwd, const char *name)
{
	size_t len = strlen(name);

	while (*passwd) {
		if (!strncmp(passwd, name, len) && passwd[len] == ':')
			return true;
		passwd += strcspn(passwd, "\n");
		passwd += *passwd == '\n';
	}
	return false;
}

static bool is_number(const char *text, uint32_t *ret)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	*ret = (uint32_t)number;
	return *text >= '0' && *text <= '9' && !*end && !errno && number < UINT32_MAX;
}

static int set_user(const char *asked, struct cli_process *ret)
{
	const struct passwd *entry;

	ret->facts.user = geteuid();
	if (asked && !is_number(asked, &ret->facts.user)) {
		entry = getpwnam(asked);
		if (!entry) {
			warnx("%s: no such user", asked);
			return CLI_WRONG;
		}
		ret->facts.user = entry->pw_uid;
	}
	entry = getpwuid(ret->facts.user);
	ret->user_name = entry ? cli_memory_format("%s", entry->pw_name) : NULL;
	return CLI_OK;
}

void cli_process_be(const char *file, struct policy_process *ret)
{
	struct cli_program program;

	cli_program_follow(file, &program);
	for (size_t i = 0; i < program.count; i++) {
		char *full = realpath(program.steps[i].file, NULL);

		if (full)
			ret->executable = cli_memory_format("%s", full);
		free(full);
		if (program.steps[i].executed)
			ret->started_as = ret->argv0 = program.steps[i].file;
	}
}

static void set_program(const char *asked, struct policy_process *ret)
{
	const struct cli_library anywhere = { .for_any = true };
	const char *file = cli_program_search(asked);

	if (!file) {
		warnx("warning: --program %s: %s; taken as it is written", asked, strerror(errno));
		ret->executable = strchr(asked, '/') ? cli_memory_absolute(asked) : NULL;
		ret->started_as = ret->argv0 = asked;
		return;
	}
	cli_reach_warn(file, &anywhere);
	cli_process_be(file, ret);
}

int cli_process_make(const struct cli_arguments *arguments, struct cli_process *ret)
{
	*ret = (struct cli_process){ .user_name = NULL };
	ret->facts.passwd = cli_process_passwd();
	ret->facts.passwd_len = strlen(ret->facts.passwd);
	ret->facts.service = arguments->service ? arguments->service : getenv("LOCKSHIM_SERVICE");
	if (arguments->program)
		set_program(arguments->program, &ret->facts);
	return set_user(arguments->user, ret);
}
