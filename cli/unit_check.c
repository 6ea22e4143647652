/* SPDX-License-Identifier: MIT
 * Checks that the unit's text alone answers: one function a kind, all in a table. */
#include "cli/below.h"
#include "cli/cli.h"
#include "cli/escape.h"
#include "cli/memory.h"
#include "cli/unit_paths.h"
#include "cli/unit_plan.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(const char *kind, const char *place, const char *format, va_list arguments)
{
	char text[4096];

	vsnprintf(text, sizeof(text), format, arguments);
	warnx("%s: %s%s", cli_escape_line(place), kind, cli_escape_line(text));
}

void cli_unit_refuse(const char *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("", place, format, arguments);
	va_end(arguments);
}

void cli_unit_warn(const char *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("warning: ", place, format, arguments);
	va_end(arguments);
}

static unsigned check_image(struct cli_unit_plan *plan)
{
	const struct cli_unit_setting *image = cli_unit_last(plan->unit, "RootImage");

	if (!image)
		return 0;
	cli_unit_refuse(cli_unit_place(image),
			"the library is not to be seen in an image; put library and policy into it "
			"and set LD_PRELOAD there, or use RootDirectory=");
	return 1;
}

static unsigned check_seen(const struct cli_unit_plan *plan, const char *what, const char *path,
			   const char *from)
{
	const char *by = NULL;
	enum cli_unit_sight sight = path ? cli_unit_see(plan->unit, path, &by) : CLI_UNIT_WRITABLE;
	bool covered = sight == CLI_UNIT_HIDDEN || (sight == CLI_UNIT_PRIVATE && !from);

	if (!covered && (!from || cli_below_has(plan->unit->root, from)))
		return 0;
	if (covered)
		cli_unit_refuse(by, "hides %s, %s, from the service; BindReadOnlyPaths=%s shows it",
				what, path, path);
	else
		cli_unit_refuse(by,
				"puts %s in place of %s, %s, and that is not there; "
				"BindReadOnlyPaths=%s shows it",
				from, what, path, path);
	return 1;
}

static unsigned check_hidden(struct cli_unit_plan *plan)
{
	const struct cli_unit *unit = plan->unit;

	/* From within they could not be looked for. */
	plan->library_from = plan->library ? cli_unit_bound_from(unit, plan->library) : NULL;
	plan->policy_from = plan->policy ? cli_unit_bound_from(unit, plan->policy) : NULL;
	return check_seen(plan, "the library", plan->library, plan->library_from) +
	       check_seen(plan, "the policy", plan->policy, plan->policy_from);
}

/* The length of the longest path of KEY over PATH. */
static size_t longest(const struct cli_unit *unit, const char *key, const char *path,
		      const struct cli_unit_setting **ret_by)
{
	const struct cli_unit_setting *setting;
	size_t at = 0, most = 0;

	while ((setting = cli_unit_next(unit, key, &at))) {
		const char *text = setting->value, *word;

		while ((word = cli_unit_word(unit, &text))) {
			word += strspn(word, "-+");
			if (!cli_unit_is_below(path, word) || strlen(word) < most)
				continue;
			most = strlen(word);
			*ret_by = setting;
		}
	}
	return most;
}

static unsigned check_executable(struct cli_unit_plan *plan)
{
	const struct cli_unit_setting *no = NULL, *yes = NULL;
	size_t no_len, yes_len;

	if (!plan->library)
		return 0;
	no_len = longest(plan->unit, "NoExecPaths", plan->library, &no);
	yes_len = longest(plan->unit, "ExecPaths", plan->library, &yes);
	if (!no || (yes && yes_len >= no_len))
		return 0;
	cli_unit_refuse(cli_unit_place(no),
			"the loader could not map %s as code; ExecPaths=%s lets it", plan->library,
			plan->library);
	return 1;
}

/* A read-only place can be opened; one that is hidden would take the trace where nobody finds it.
 */
static unsigned check_trace(struct cli_unit_plan *plan)
{
	const char *by = NULL;

	if (!plan->trace)
		return 0;
	switch (cli_unit_see(plan->unit, plan->trace, &by)) {
	case CLI_UNIT_WRITABLE:
		return 0;
	case CLI_UNIT_READ_ONLY:
		plan->opens_trace = true;
		return 0;
	case CLI_UNIT_PRIVATE:
	case CLI_UNIT_HIDDEN:
		break;
	}
	cli_unit_refuse(by, "the service sees another %s than others do; name a --trace elsewhere",
			plan->trace);
	return 1;
}

/* What goes on without the library's help, or with less of it. */
static unsigned check_lesser(struct cli_unit_plan *plan)
{
	static const struct {
		const char *key, *value, *text; /* value NULL: any */
	} rows[] = {
		{ "ProcSubset", "pid",
		  "/proc/locks is not there: upgrade = atomic sees no sign of other upgraders" },
		{ "ProtectProc", "invisible",
		  "other users' processes are not to be seen: cycles with them are not found" },
		{ "ProtectProc", "noaccess",
		  "other users' processes are not to be seen: cycles with them are not found" },
		{ "ProtectProc", "ptraceable",
		  "other processes are not to be seen: cycles with them are not found" },
		{ "AppArmorProfile", NULL,
		  "the profile has to let the library be read and mapped (mr), and the policy be "
		  "read; a scrubbed exec drops LD_PRELOAD" },
		{ "SELinuxContext", NULL,
		  "a change of domain drops LD_PRELOAD unless the policy has noatsecure" },
		{ "RootDirectory", NULL, "library and policy have to be kept up to date in it" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = cli_unit_text(plan->unit, rows[i].key);

		if (text && (!rows[i].value || !strcmp(text, rows[i].value)))
			cli_unit_warn(cli_unit_place(cli_unit_last(plan->unit, rows[i].key)), "%s",
				      rows[i].text);
	}
	return 0;
}

static unsigned (*const checks[])(struct cli_unit_plan *plan) = {
	check_image, check_hidden, check_executable, cli_unit_check_environment,
	check_trace, check_lesser,
};

unsigned cli_unit_check_settings(struct cli_unit_plan *plan)
{
	unsigned refused = 0;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		refused += checks[i](plan);
	return refused;
}
