/* SPDX-License-Identifier: MIT
 * By the list of exports and by mountinfo; no place is touched. */
#include "cli/doctor_host.h"
#include "cli/doctor_families.h"
#include "cli/memory.h"

#include <string.h>

static bool is_known(const char **paths, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(paths[i], path))
			return true;
	}
	return false;
}

/* Escaped as mountinfo has it: "/srv/a\\040b\t10.0.0.0/8(rw)". */
static const char *path_of(const char *line)
{
	struct policy_mount as = { .mount_point = line, .mount_point_len = strcspn(line, " \t\n") };

	return cli_mounts_point(&as);
}

const char **cli_doctor_exports(void)
{
	const char *text = cli_memory_read("/var/lib/nfs/etab", NULL);
	const char **paths;
	size_t count = 0, lines = 1;

	for (const char *at = text; at && (at = strchr(at, '\n')); at++)
		lines++;
	paths = cli_memory_get((lines + 1) * sizeof(*paths));
	for (const char *at = text; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (*at == '/' && !is_known(paths, count, path_of(at)))
			paths[count++] = path_of(at);
	}
	return paths;
}

/* What is mounted once more (bind mounts) has been seen. */
static bool is_first(const struct cli_mounts *mounts, const struct policy_mount *mount)
{
	struct policy_mount first;

	return cli_mounts_of_device(mounts, mount->device, &first) && first.id == mount->id;
}

bool cli_doctor_next_mount(const struct cli_mounts *mounts, const char **at,
			   struct policy_mount *ret)
{
	while (policy_mount_next(at, mounts->text + mounts->len, ret)) {
		const struct cli_families *families = cli_families_of(ret);

		if ((families->trouble || families->flock_stays) && is_first(mounts, ret))
			return true;
	}
	return false;
}
