/* SPDX-License-Identifier: MIT
 * Asks /proc what lies at an address of this process. */
#ifndef LOCKSHIM_TRACE_WRITER_MAPS_H
#define LOCKSHIM_TRACE_WRITER_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mapping, as a line of /proc/self/maps tells it. */
struct writer_mapping {
	uintptr_t start, end;
	uint64_t offset;        /* in the file */
	uint64_t device, inode; /* device: major << 32 | minor */
	const char *path;       /* in the caller's buffer; "": none */
	uintptr_t head;         /* where the file's beginning is mapped; 0: not seen */
};

/* False where it is not known. LINE is for reading, of SIZE bytes, which a line must fit in. */
bool writer_maps_find(struct writer_mapping *ret, uintptr_t address, char *line, size_t size);

/* What to take from an address for the one that addr2line wants, as the ELF header in memory tells
 * it. */
uint64_t writer_maps_bias(const struct writer_mapping *mapping);

#endif
