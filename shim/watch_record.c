/* SPDX-License-Identifier: MIT
 * Sections as the kernel reads them. */
#include "shim/watch_record.h"

#include <fcntl.h>

#include "shim/mixed.h"

void watch_record_section(struct watch *watch, const struct record_argument *asked)
{
	struct mixed_range range = { 0 };

	watch->event.start = watch->event.length = 0;
	if (!mixed_range_of(watch->event.fd, asked->whence, asked->start, asked->length, &range))
		return;
	watch->event.start = range.start;
	watch->event.length = range.end == MIXED_EOF ? 0 : range.end - range.start + 1;
}

void watch_record_ask(struct watch *watch, const struct record_argument *asked)
{
	watch_record_set(watch, asked);
	watch->event.blocker = 0;
	watch->event.id = TRACE_QUERY;
	watch->event.operation = asked->type == F_WRLCK ? TRACE_EXCLUSIVE : TRACE_SHARED;
}

void watch_record_answer(struct watch *watch, const struct record_argument *answer)
{
	if (answer->type != F_UNLCK)
		watch->event.blocker = answer->pid;
}
