/* SPDX-License-Identifier: MIT
 * Sections as the kernel reads them. */
#include "shim/watch_record.h"

#include <fcntl.h>
#include <unistd.h>

#include "shim/mixed.h"

static void section(struct watch *watch, const struct record_argument *asked)
{
	struct mixed_range range = { 0 };

	watch->section = true;
	/* What most programs ask, and the kernel has accepted or will refuse. */
	if (asked->whence == SEEK_SET && asked->start >= 0 && asked->length >= 0) {
		watch->event.start = asked->start;
		watch->event.length = asked->length;
		return;
	}
	if (!mixed_range_of(watch->event.fd, asked->whence, asked->start, asked->length, &range))
		return;
	watch->event.start = range.start;
	watch->event.length = range.end == MIXED_EOF ? 0 : range.end - range.start + 1;
}

void watch_record_set(struct watch *watch, const struct record_argument *asked)
{
	section(watch, asked);
	if (asked->type == F_UNLCK) {
		watch->event.id = TRACE_RELEASE;
		watch->event.operation = TRACE_UNLOCK;
		return;
	}
	watch->event.id = TRACE_LOCK;
	watch->event.operation = asked->type == F_WRLCK ? TRACE_EXCLUSIVE : TRACE_SHARED;
}

void watch_record_ask(struct watch *watch, const struct record_argument *asked)
{
	section(watch, asked);
	watch->event.id = TRACE_QUERY;
	watch->event.operation = asked->type == F_WRLCK ? TRACE_EXCLUSIVE : TRACE_SHARED;
}

void watch_record_answer(struct watch *watch, const struct record_argument *answer)
{
	if (answer->type != F_UNLCK)
		watch->event.blocker = answer->pid;
}
