/* SPDX-License-Identifier: MIT
 * The unit's Environment= becomes ours, so that the policy is read as the service reads it. */
#include "cli/doctor_service.h"
#include "cli/cli.h"
#include "cli/memory.h"
#include "cli/unit_files.h"

#include <stdlib.h>
#include <string.h>

static void take(const struct cli_unit *unit, const char *name)
{
	const char *value = cli_unit_variable(unit, name, NULL);

	if (value)
		setenv(name, value, 0);
}

static bool is_unit(const char *service)
{
	size_t len = strlen(service);
	bool full = len > 8 && !strcmp(service + len - 8, ".service");

	return !strchr(service, '/') &&
	       cli_unit_find("", full ? service : cli_memory_format("%s.service", service));
}

void cli_doctor_take_service(const char *service, struct cli_doctor_service *ret)
{
	static const char *const names[] = { "LOCKSHIM_POLICY", "LOCKSHIM_SET", "LOCKSHIM_TRACE",
					     "LOCKSHIM_LOG" };
	struct cli_unit unit;
	const char *preload;

	*ret = (struct cli_doctor_service){ .unit = NULL };
	if (!service || !is_unit(service) || cli_unit_load("", service, true, &unit) != CLI_OK)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		take(&unit, names[i]);
	preload = cli_unit_variable(&unit, "LD_PRELOAD", NULL);
	ret->unit = unit.name;
	ret->service = cli_unit_variable(&unit, "LOCKSHIM_SERVICE", NULL);
	ret->preloaded = preload && strstr(preload, "/liblockshim.so");
}
