/* SPDX-License-Identifier: MIT
 * Whose a lock is, and what it keeps out. */
#include "cli/holders_table.h"

#define ALL_FAMILIES (TRACE_FAMILY_FLOCK | TRACE_FAMILY_OFD | TRACE_FAMILY_POSIX)

static int64_t end_of(const struct trace_event *event)
{
	if (event->length <= 0 || event->start > INT64_MAX - event->length)
		return INT64_MAX;
	return event->start + event->length;
}

void cli_holders_lock_fill(struct cli_lock *ret, const struct trace_record *record, bool wanted)
{
	const struct trace_event *event = &record->event;

	*ret = (struct cli_lock){
		.begin = event->time,
		.process = record->process,
		.file = record->file,
		.rule = record->rule,
		.module = record->module,
		.offset = event->offset,
		.device = event->device,
		.inode = event->inode,
		.start = event->start,
		.end = end_of(event),
		.tid = event->tid,
		.flags = event->flags,
		.fd = event->fd,
		.call = event->call,
		.operation = event->operation,
		.asked = event->asked,
		.used = event->used,
		.wanted = wanted,
	};
}

/* As the kernel knows them: OFD and POSIX locks meet. */
static unsigned families_of(const struct cli_lock *lock)
{
	unsigned families = lock->flags & TRACE_SHADOW ? lock->asked : lock->used;

	if (!families)
		return ALL_FAMILIES;
	if (families & (TRACE_FAMILY_OFD | TRACE_FAMILY_POSIX))
		families |= TRACE_FAMILY_OFD | TRACE_FAMILY_POSIX;
	return families;
}

bool cli_holders_lock_of_process(const struct cli_lock *lock)
{
	return lock->asked == TRACE_FAMILY_POSIX || lock->used == TRACE_FAMILY_POSIX;
}

bool cli_holders_lock_same_owner(const struct cli_lock *one, const struct cli_lock *other)
{
	bool of_process = cli_holders_lock_of_process(one);

	return one->process == other->process && of_process == cli_holders_lock_of_process(other) &&
	       (of_process || one->fd == other->fd);
}

bool cli_holders_lock_touch(const struct cli_lock *one, const struct cli_lock *other)
{
	return one->start < other->end && other->start < one->end &&
	       families_of(one) & families_of(other);
}

bool cli_holders_lock_conflict(const struct cli_lock *one, const struct cli_lock *other)
{
	return (one->operation == TRACE_EXCLUSIVE || other->operation == TRACE_EXCLUSIVE) &&
	       cli_holders_lock_touch(one, other) && !cli_holders_lock_same_owner(one, other);
}
