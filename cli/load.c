/* SPDX-License-Identifier: MIT
 * Loads a policy and says what is wrong with it. */
#include "cli/load.h"
#include "cli/memory.h"
#include "cli/overlay.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int say(const struct policy_error *error)
{
	if (!error->line)
		warnx("%s: %s", error->file, error->text);
	else if (!error->column)
		warnx("%s:%u: %s", error->file, error->line, error->text);
	else
		warnx("%s:%u:%u: %s", error->file, error->line, error->column, error->text);
	return CLI_WRONG;
}

/* NULL where nobody asked for a file. */
static const char *asked_file(const char *option)
{
	const char *variable = getenv("LOCKSHIM_POLICY");

	if (option)
		return cli_memory_absolute(option);
	return variable;
}

static int load_file(struct cli_policy *ret, const char *asked)
{
	struct policy_trust trust = { .user = geteuid() };
	struct policy_error error = { .file = ret->file };
	int rc = policy_load(&ret->policy, ret->file, &trust, &cli_memory_for_policy, &error);

	if (rc == -ENOENT && !asked) {
		ret->missing = true;
		rc = policy_empty(&ret->policy, &cli_memory_for_policy);
	}
	return rc ? say(&error) : CLI_OK;
}

static int lay_over(struct cli_policy *ret)
{
	struct policy_error error = { .file = ret->overlay_name };

	if (policy_overlay(ret->policy, ret->overlay_name, ret->overlay, strlen(ret->overlay),
			   &cli_memory_for_policy, &error))
		return say(&error);
	return CLI_OK;
}

/* What LOCKSHIM_TRACE and LOCKSHIM_LOG ask for. */
static int record(struct cli_policy *ret)
{
	static const struct {
		enum policy_action action;
		const char *variable;
	} rows[] = { { POLICY_TRACE, "LOCKSHIM_TRACE" }, { POLICY_LOG, "LOCKSHIM_LOG" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = rows[i].variable, *where = getenv(name);
		struct policy_error error = { .file = name };

		if (where && *where &&
		    policy_record(ret->policy, rows[i].action, name, where, &cli_memory_for_policy,
				  &error))
			return say(&error);
	}
	return CLI_OK;
}

int cli_load(struct cli_policy *ret, const char *file, const struct cli_texts *set)
{
	const char *asked = asked_file(file);
	int status;

	*ret = (struct cli_policy){ .file = asked ? asked : LOCKSHIM_POLICY_FILE };
	ret->overlay = cli_overlay_join(getenv("LOCKSHIM_SET"), set);
	ret->overlay_name = getenv("LOCKSHIM_SET") ? "LOCKSHIM_SET" : "-o";
	if (ret->file[0] != '/') {
		warnx("LOCKSHIM_POLICY=%s: not an absolute path", ret->file);
		return CLI_WRONG;
	}
	status = load_file(ret, asked);
	if (status == CLI_OK)
		status = record(ret);
	if (status == CLI_OK && ret->overlay)
		status = lay_over(ret);
	return status;
}

void cli_load_warn_disabled(void)
{
	const char *disable = getenv("LOCKSHIM_DISABLE");

	if (disable && !strcmp(disable, "1"))
		warnx("warning: LOCKSHIM_DISABLE=1 is set: every call passes");
}
