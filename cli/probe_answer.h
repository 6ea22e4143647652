/* SPDX-License-Identifier: MIT
 * What an actor answers, a line to OUT; probe_actor.h has the words. Where nobody reads them any
 * more the actor ends. */
#ifndef CLI_PROBE_ANSWER_H
#define CLI_PROBE_ANSWER_H

#include <stdbool.h>

void probe_answer(int out, const char *text);
void probe_answer_error(int out, int error);
/* Of a request for a lock: 0 is "granted". */
void probe_answer_lock(int out, int error);
/* Where it was not done, or not opened, errno says why. */
void probe_answer_done(int out, bool done);
void probe_answer_opened(int out, bool opened);
/* What could not be opened has no answer to a request for a lock: "open: ERRNO". */
void probe_answer_not_open(int out);

#endif
