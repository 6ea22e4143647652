/* SPDX-License-Identifier: MIT
 * One file of a stream: made, mapped, given blocks piece by piece, shrunk at the end. What may be
 * stored to can't fail: a store without a block behind it would kill the host. */
#ifndef LOCKSHIM_TRACE_WRITER_FILE_H
#define LOCKSHIM_TRACE_WRITER_FILE_H

#include "trace/sys.h"
#include "trace/writer_state.h"

#define WRITER_NAMES UINT32_MAX /* the number of the file of names */

static inline struct trace_head *writer_file_head(const struct writer_file *file)
{
	return (struct trace_head *)file->map;
}

/* Bytes that are written, and that have blocks. */
static inline size_t writer_file_used(const struct writer_file *file)
{
	return (size_t)(file->next - file->map);
}

static inline size_t writer_file_ready(const struct writer_file *file)
{
	return (size_t)(file->end - file->map);
}

/* SIZE, or as much as this process may have: beyond a limit it would get a signal, or its host no
 * memory. 0: too little for any file of a trace. */
uint64_t writer_file_limit(uint64_t size);

/* False in a child that a handler forked while the file was made. */
static inline bool writer_file_is_ours(const struct writer_file *file)
{
	return __atomic_load_n(file->made, __ATOMIC_RELAXED) == file->token &&
	       !writer_is_barred(writer_state);
}

/* Makes file->number of SIZE bytes in PLACE, empty as of TIME; whose it is and `made` are set. 0 or
 * negative. */
int writer_file_make(struct writer_file *file, const struct sys_fd *place, uint64_t size,
		     uint64_t time);

/* Gives the next piece its blocks. 0, -WRITER_FULL where there is none, or negative. */
int writer_file_reserve(struct writer_file *file);

/* Drops all records. Readers see a valid file throughout. */
void writer_file_reset(struct writer_file *file, uint64_t time);

/* Gives back what was not used but for a little. Readers see a valid file throughout. */
void writer_file_shrink(struct writer_file *file, const struct sys_fd *place);

#endif
