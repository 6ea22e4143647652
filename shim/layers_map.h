/* SPDX-License-Identifier: MIT
 * The two layers of a description, as the kernel has them and as they are to be. For layers*.c. */
#ifndef LOCKSHIM_LAYERS_MAP_H
#define LOCKSHIM_LAYERS_MAP_H

#include "shim/layers.h"
#include "shim/pieces.h"

/* Large: in pages of its own. */
struct layers {
	int fd;
	short flock;
	bool asked; /* who else is there */
	struct pieces held, wanted, ranges, others;
};

/* What FD's description holds, told apart. 0; LAYERS_NONE without /proc; -ENOLCK where there is too
 * much of it. */
int layers_map_read(struct layers *layers, int fd);

/* This process's record locks through other descriptions of the file: a flock leaves them out. */
void layers_map_others(struct layers *layers);

/* To FLOCK and the ranges. 0, or -errno with nothing changed and what was refused in *ret_refused.
 */
int layers_map_go(int fd, struct layers *layers, short flock, struct mixed_range *ret_refused);

/* The same for an unlock, which nothing refuses: what the flock could take back is left where it
 * can't. 0 or -ENOLCK. */
int layers_map_unlocked(int fd, struct layers *layers, short flock);

#endif
