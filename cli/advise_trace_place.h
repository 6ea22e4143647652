/* SPDX-License-Identifier: MIT
 * Where the files of a trace lie: the mount point that a rule can name, where this host has it. */
#ifndef CLI_ADVISE_TRACE_PLACE_H
#define CLI_ADVISE_TRACE_PLACE_H

#include "cli/advise_trace_facts.h"
#include "cli/mounts.h"

/* One program on one file, with its place. */
struct advise_located {
	const struct advise_use *use;
	const char *point;  /* a mount point of this host that has the file's device; NULL: none */
	const char *fstype; /* of it; NULL */
	const char
		*passes; /* why flock is left alone there whatever a rule says; NULL: it is not */
};

/* All uses, by program and mount point; *ret_count of them. */
struct advise_located *advise_locate(const struct advise_whole *whole, size_t *ret_count);

/* The path with a deleted file's mark undone; NULL where it is no name that a rule can have. */
const char *advise_path(const struct advise_file *file);

#endif
