/* SPDX-License-Identifier: MIT
 * What the files of the observed way share; nobody else includes this. */
#ifndef LOCKSHIM_WATCH_INTERNAL_H
#define LOCKSHIM_WATCH_INTERNAL_H

#include "shim/watch.h"
#include "shim/watch_file.h"
#include "trace/writer.h"

/* Who is told. */
enum watch_sink { WATCH_TRACE = 1 << 0, WATCH_LOG = 1 << 1 };

/* Who wants EVENT told, by FILE's rule (NULL: not known). BEFORE: the sinks that have the grant
 * which a release ends. */
unsigned watch_sinks_asked(const struct trace_event *event, const struct watch_file *file,
			   unsigned before);
static inline unsigned watch_sinks(const struct trace_event *event, const struct watch_file *file,
				   unsigned before)
{
	if (file && file->trace == POLICY_RECORD_ALL && file->log == POLICY_RECORD_NO)
		return trace_on() ? WATCH_TRACE : 0;
	return watch_sinks_asked(event, file, before);
}

/* Tells them. */
void watch_tell(struct trace_event *event, const struct watch_file *file, unsigned sinks,
		const void *site);

/* How long it was held at TIME. */
static inline uint64_t watch_since(uint64_t granted, uint64_t time)
{
	return time > granted ? time - granted : 0;
}

/* EVENT ends or converts what was held since GRANTED. */
static inline void watch_held_since(struct trace_event *event, uint64_t granted)
{
	event->flags |= TRACE_HELD;
	event->held = watch_since(granted, event->time);
}

/* flock granted a lock to FILE. Not of a conversion. */
static inline void watch_flock_granted(struct watch_file *file, uint64_t time, bool exclusive,
				       unsigned used)
{
	if (!file->granted)
		file->granted = time;
	file->exclusive = exclusive;
	file->used = (uint8_t)used;
	file->locked = true;
}

/* What the call did to what FILE holds: fills held, and CONVERTED and LOST of the flags. RECORDED:
 * the sinks that are told of a grant. Returns those that were told of the one which a release ends.
 */
unsigned watch_over(struct trace_event *event, struct watch_file *file, bool section,
		    unsigned recorded);

/* The same of a section that was locked or let go of. OWNER: FILE's place in the table, or NULL. */
unsigned watch_section_over(struct trace_event *event, const struct watch_file *file,
			    const void *owner, unsigned recorded);

/* True where this process has POSIX locks on the file, as far as it was seen to take them. */
bool watch_locks_posix(uint64_t device, uint64_t inode);

/* At exit: what is still held. */
void watch_exit(void);

#endif
