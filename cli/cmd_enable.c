/* SPDX-License-Identifier: MIT
 * lockshim enable and disable: a systemd drop-in, checked first. Starts, stops and reloads nothing.
 */
#include "cli/below.h"
#include "cli/cli.h"
#include "cli/doctor_users.h"
#include "cli/escape.h"
#include "cli/library.h"
#include "cli/load.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/overlay.h"
#include "cli/unit_drop_in.h"
#include "library_for_any.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "" for this system; NULL once it is said why the directory is none. */
static const char *root_of(const struct cli_arguments *arguments)
{
	char *full = arguments->root ? realpath(arguments->root, NULL) : NULL;
	const char *root = full && strcmp(full, "/") ? cli_memory_format("%s", full) : "";

	int fd = full ? cli_below_open(root, "/", O_PATH | O_DIRECTORY) : -1;

	if (arguments->root && fd < 0) {
		warn("--root %s", arguments->root);
		free(full);
		return NULL;
	}
	if (fd >= 0)
		close(fd);
	free(full);
	return root;
}

static int complain(const struct cli_command *command, const char *what)
{
	warnx("%s", what);
	return cli_options_hint(command);
}

/* In another root the installed library is meant, not this command's own. */
static int find_library(const char *asked, const char *root, struct cli_library *ret)
{
	if (!*root)
		return cli_library_find(asked, ret);
	ret->preload = *LOCKSHIM_LIBRARY_FOR_ANY ? LOCKSHIM_LIBRARY_FOR_ANY : LOCKSHIM_LIBRARY;
	ret->file = LOCKSHIM_LIBRARY;
	if (asked) {
		ret->preload = asked;
		ret->file = strchr(asked, '$') ? NULL : asked;
	}
	if (*ret->preload == '/')
		return CLI_OK;
	warnx("--library %s: not an absolute path, which it has to be with --root", ret->preload);
	return CLI_WRONG;
}

/* "mail" of "mail.service". */
static const char *short_name(const char *name)
{
	return cli_memory_format("%.*s", (int)(strrchr(name, '.') - name), name);
}

static const char *absolute_below(const char *path, const char *root)
{
	return path && !*root ? cli_memory_absolute(path) : path;
}

static int make_plan(const struct cli_arguments *arguments, const struct cli_unit *unit,
		     struct cli_unit_plan *ret)
{
	struct cli_library library;
	int status = find_library(arguments->library, unit->root, &library);

	if (status != CLI_OK)
		return status;
	*ret = (struct cli_unit_plan){
		.unit = unit,
		.preload = library.preload,
		.library = library.file,
		.service = arguments->service ? arguments->service : short_name(unit->name),
		.policy = absolute_below(arguments->policy_file, unit->root),
		.set = cli_overlay_join(NULL, &arguments->set),
		.trace = absolute_below(arguments->trace, unit->root),
	};
	if ((ret->policy && *ret->policy != '/') || (ret->trace && *ret->trace != '/')) {
		warnx("with --root, --policy and --trace are absolute paths below it");
		return CLI_WRONG;
	}
	return CLI_OK;
}

/* The files that the running service has. */
static void find_files(const struct cli_unit *unit, struct cli_wanted *ret)
{
	struct cli_proc proc;

	for (int *pid = cli_proc_all(); *pid; pid++) {
		if (cli_proc_read(*pid, &proc) && proc.unit && !strcmp(proc.unit, unit->name))
			cli_users_files_of(*pid, ret);
	}
}

/* How the others lock; NULL: as the service will. */
static const char *difference(const struct cli_converted *who, uint64_t hash)
{
	if (cli_converted_is_native(who))
		return "unconverted";
	if (who->has_hash && who->hash != hash)
		return cli_memory_format("under another policy (hash %s)",
					 cli_converted_hash_text(who));
	return NULL;
}

static void warn_of_user(const struct cli_user *user, uint64_t hash)
{
	const struct cli_converted *who = user->who;
	const char *service = cli_converted_service(who), *how = difference(who, hash);
	const char *name = cli_memory_format("%s", cli_escape(who->proc.name));

	if (how)
		warnx("warning: %s[%d] (%s) uses %s too, %s: they will not keep each other out "
		      "unless it is converted likewise, or flock = both",
		      name, who->proc.pid, service ? cli_escape_line(service) : "no service",
		      cli_escape(user->path), how);
}

/* Only a running service shows which files it shares, and only on this system. */
static void warn_of_others(const struct cli_unit_plan *plan)
{
	const struct cli_unit *unit = plan->unit;
	struct cli_wanted wanted = { .below = NULL };
	const struct cli_texts none = { 0 };
	struct cli_policy policy;
	struct cli_users users;

	cli_unit_set_environment(plan);
	if (*unit->root || cli_load(&policy, plan->policy, &none) != CLI_OK)
		return;
	find_files(unit, &wanted);
	cli_users_find(&wanted, 0, &users);
	for (size_t i = 0; i < users.count; i++) {
		const char *its = users.at[i].who->proc.unit;

		if (!its || strcmp(its, unit->name) != 0)
			warn_of_user(&users.at[i], policy.policy->hash);
	}
}

static void say_next(const struct cli_unit *unit)
{
	if (*unit->root)
		return;
	printf("nothing was restarted; it counts after\n"
	       "  systemctl daemon-reload && systemctl restart %s\n",
	       unit->name);
}

static int finish(const struct cli_unit *unit, enum cli_unit_written written, const char *done)
{
	static const char *const words[] = { [CLI_UNIT_SAME] = "is as it should be already",
					     [CLI_UNIT_ABSENT] = "is not there: nothing to do" };
	const char *path = cli_memory_format("%s%s", unit->root, cli_unit_drop_in_path(unit));

	if (written == CLI_UNIT_FAILED)
		return CLI_FAILED;
	printf("%s %s\n", path, written == CLI_UNIT_WRITTEN ? done : words[written]);
	if (written == CLI_UNIT_WRITTEN)
		say_next(unit);
	return CLI_OK;
}

static int enable(const struct cli_arguments *arguments)
{
	struct cli_unit_plan plan;
	struct cli_unit unit;
	const char *text, *root = root_of(arguments);
	int status;

	if (arguments->operands_count != 1)
		return complain(&cli_cmd_enable, "name one service");
	status = root ? cli_unit_load(root, arguments->operands[0], false, &unit) : CLI_WRONG;
	if (status == CLI_OK)
		status = make_plan(arguments, &unit, &plan);
	if (status == CLI_OK)
		status = cli_unit_check(&plan);
	if (status != CLI_OK)
		return status;
	warn_of_others(&plan);
	text = cli_unit_drop_in_text(&plan);
	if (arguments->dry_run) {
		printf("# %s%s\n%s", unit.root, cli_unit_drop_in_path(&unit), text);
		return CLI_OK;
	}
	return finish(&unit, cli_unit_drop_in_write(&unit, text), "was written");
}

static int disable(const struct cli_arguments *arguments)
{
	struct cli_unit unit;
	const char *root = root_of(arguments);
	int status;

	if (arguments->operands_count != 1)
		return complain(&cli_cmd_disable, "name one service");
	status = root ? cli_unit_name(root, arguments->operands[0], &unit) : CLI_WRONG;
	if (status != CLI_OK)
		return status;
	if (arguments->dry_run) {
		printf("would remove %s%s\n", unit.root, cli_unit_drop_in_path(&unit));
		return CLI_OK;
	}
	return finish(&unit, cli_unit_drop_in_remove(&unit), "was removed");
}

const struct cli_command cli_cmd_enable = {
	.name = "enable",
	.synopsis = "[options] <service>",
	.summary = "Give a systemd service the library, by a drop-in.",
	.takes = CLI_TAKES_POLICY | CLI_TAKES(SERVICE) | CLI_TAKES(LIBRARY) | CLI_TAKES(TRACE) |
		 CLI_TAKES(ROOT) | CLI_TAKES(DRY_RUN),
	.more_help = "Writes nothing where the service could not work so: exit status 2. Restarts\n"
		     "nothing.\n",
	.run = enable,
};

const struct cli_command cli_cmd_disable = {
	.name = "disable",
	.synopsis = "[options] <service>",
	.summary = "Take the library from a service again.",
	.takes = CLI_TAKES(ROOT) | CLI_TAKES(DRY_RUN),
	.more_help = "Removes what enable wrote, and no other file. Restarts nothing.\n",
	.run = disable,
};
