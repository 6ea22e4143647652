/* SPDX-License-Identifier: MIT
 * What trace and log are told of a request for a record lock. */
#ifndef LOCKSHIM_WATCH_RECORD_H
#define LOCKSHIM_WATCH_RECORD_H

#include <unistd.h>

#include "shim/record_argument.h"
#include "shim/watch.h"

/* The section as the kernel reads it. Errors of the request leave it empty. */
void watch_record_section(struct watch *watch, const struct record_argument *asked);

/* Fills in a request for a lock or an unlock. */
static inline void watch_record_set(struct watch *watch, const struct record_argument *asked)
{
	bool locks = asked->type != F_UNLCK;

	watch->section = true;
	/* What most programs ask, and the kernel has accepted or will refuse. */
	if (asked->whence == SEEK_SET && asked->start >= 0 && asked->length >= 0) {
		watch->event.start = asked->start;
		watch->event.length = asked->length;
	} else {
		/* A copy, so that the common call needs none in memory. */
		struct record_argument other = *asked;

		watch_record_section(watch, &other);
	}
	watch->event.id = locks ? TRACE_LOCK : TRACE_RELEASE;
	watch->event.operation = !locks                   ? TRACE_UNLOCK
				 : asked->type == F_WRLCK ? TRACE_EXCLUSIVE
							  : TRACE_SHARED;
}

/* A question, before it is asked; and what was answered: type F_UNLCK where nothing stands there.
 */
void watch_record_ask(struct watch *watch, const struct record_argument *asked);
void watch_record_answer(struct watch *watch, const struct record_argument *answer);

#endif
