/* SPDX-License-Identifier: MIT
 * What rules can ask of a file, and what kind of object it is. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include "cli/mounts.h"

struct cli_file {
	const char *asked;
	bool exists;             /* else it is taken for a regular file in its directory */
	const char *mount_point; /* NULL where it can't be told */
	struct policy_file facts;
	enum policy_treatment treatment;
	const char *why; /* where the treatment is not POLICY_CONVERT */
	bool special;    /* no regular file: it has no data to flush */
};

/* Looks at ASKED, or where it is not there at its directory. False, with errno, where neither can
 * be looked at. DEVICES: as policy_filesystem_devices() gives them. */
bool cli_file_look(const char *asked, const struct cli_mounts *mounts, const uint64_t *devices,
		   struct cli_file *ret);

#endif
