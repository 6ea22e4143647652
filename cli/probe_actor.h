/* SPDX-License-Identifier: MIT
 * A process that holds and asks for locks as it is told, a line of text each time. */
#ifndef CLI_PROBE_ACTOR_H
#define CLI_PROBE_ACTOR_H

/* Sent before a request that may wait, and from a signal handler. */
#define PROBE_ASKING "asking"
#define PROBE_SIGNAL "signal"

/* What an actor is told: VERB SLOT FAMILY START LENGTH, a slot being one of its descriptors.
 *
 * rw, ro, wo, dir     opens the file (the last: its directory) in that slot
 * dup                 duplicates slot 0 into that slot
 * close               closes it
 * sh, ex, un          asks without waiting; a slot that is not open is opened as by rw
 * wsh, wex            asks and waits; PROBE_ASKING comes first
 * relock              lets go and asks for an exclusive lock at once, until refused: "overtaken N"
 * getlk               "free", or "SH|EX PID START LENGTH" of a lock in the way of an exclusive one
 * restart, norestart  how SIGUSR1 is taken from now on: PROBE_SIGNAL is said, the call goes on or
 * not fork                makes a child with the same descriptors child LINE          has it do
 * LINE
 *
 * It answers "ok", "granted", "refused" (EAGAIN, EACCES), or an errno's name. */

/* Reads lines from IN and answers to OUT until there are no more; FILE is made where it is not
 * there. */
_Noreturn void probe_actor_run(int in, int out, const char *file);

#endif
