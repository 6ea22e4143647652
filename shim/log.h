/* SPDX-License-Identifier: MIT
 * The text log: a line a call. Holds no descriptor, never waits, takes no memory and no lock;
 * async-signal-safe, errno as it was. What cannot be written at once is left out and counted. */
#ifndef LOCKSHIM_LOG_H
#define LOCKSHIM_LOG_H

#include <stdbool.h>

#include "trace/event.h"

struct log_words {
	const char *path; /* the file's, or NULL */
	const char *rule; /* the one that decided, or NULL */
};

/* At load: where the lines go, "stderr", "syslog" or an absolute path, which has to stay. NULL:
 * stderr. Remembers what descriptor 2 is now. */
void log_start(const char *where);

/* False before log_start(), and where there is nowhere to write to. */
extern bool log_is_on;
static inline bool log_on(void)
{
	return __atomic_load_n(&log_is_on, __ATOMIC_ACQUIRE);
}

/* Writes EVENT as one line, as strace would print the call, and what it became; process and thread
 * are the caller's, whatever the event has. At most 200 lines at once and 100 a second; how many
 * were left out stands in the next line that is written. */
void log_event(const struct trace_event *event, const struct log_words *words);

#endif
