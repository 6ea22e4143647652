/* SPDX-License-Identifier: MIT
 * Whether this process may write a file through its memory. */
#ifndef LOCKSHIM_FLUSH_MAPS_H
#define LOCKSHIM_FLUSH_MAPS_H

#include <stdbool.h>
#include <stdint.h>

/* True too where it can't be told, and for another file with this inode number. */
bool flush_maps_write(uint64_t inode);

#endif
