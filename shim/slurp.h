/* SPDX-License-Identifier: MIT
 * Whole files of unknown size, into pages of their own: /proc and the passwd file. */
#ifndef LOCKSHIM_SLURP_H
#define LOCKSHIM_SLURP_H

#include <stddef.h>

struct slurp {
	char *text; /* NUL-terminated behind len */
	size_t len, room;
};

/* 0 or -errno; at most 64 MiB. slurp_free() afterwards where it gave 0. */
int slurp_file(struct slurp *ret, const char *path);
void slurp_free(struct slurp *slurp);

#endif
