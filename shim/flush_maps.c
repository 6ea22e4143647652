/* SPDX-License-Identifier: MIT
 * By /proc/self/maps. */
#include "shim/flush_maps.h"

#include <string.h>

#include "shim/slurp.h"

static const char *next_field(const char *at)
{
	at += strcspn(at, " \n");
	return at + strspn(at, " ");
}

static uint64_t number_at(const char *at)
{
	uint64_t number = 0;

	for (; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return number;
}

/* "55e0-55f0 rw-s 00002000 fe:00 5678 /path" */
static bool is_written(const char *line, uint64_t inode)
{
	const char *access = next_field(line);

	if (strcspn(access, " \n") < 4 || access[1] != 'w' || access[3] != 's')
		return false;
	return number_at(next_field(next_field(next_field(access)))) == inode;
}

bool flush_maps_write(uint64_t inode)
{
	struct slurp maps;
	const char *line;
	bool found = false;

	if (slurp_file(&maps, "/proc/self/maps"))
		return true;
	for (line = maps.text; line && *line && !found;) {
		found = is_written(line, inode);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	slurp_free(&maps);
	return found;
}
