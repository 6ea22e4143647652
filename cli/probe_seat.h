/* SPDX-License-Identifier: MIT
 * An actor as its command sees it: started, asked with a deadline, killed. */
#ifndef CLI_PROBE_SEAT_H
#define CLI_PROBE_SEAT_H

#include "cli/probe_line.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Set by a signal that is to end the command: whatever is asked then answers "stopped". */
extern volatile sig_atomic_t probe_stopped;

/* What a seat answers where its actor does not. */
#define PROBE_WAITS "waits"
#define PROBE_HANGS "hangs"
#define PROBE_STILL_WAITS "still waits" /* after TIMEOUT */
#define PROBE_GONE "gone"
#define PROBE_STOPPED "stopped"
#define PROBE_NO_PROCESS "no process" /* it could not be started */

struct probe_seat {
	pid_t pid; /* 0: empty */
	int to, from;
	int settle; /* ms: who sleeps that long waits for a lock */
};

/* False, with errno, where there can be no process. The child that is made starts with the signals
 * that it inherits and ends when the command does. */
bool probe_seat_start(struct probe_seat *seat, const char *file);

/* Has the actor do LINE (probe_actor.h) and waits TIMEOUT nanoseconds for its answer. Verbs of the
 * seat itself:
 *
 * wsh, wex   PROBE_WAITS once the request sleeps in the kernel
 * again      the answer to that request, or PROBE_WAITS as it still sleeps
 * peek       the same, without looking whether it sleeps
 * answer     the answer to that request, or PROBE_STILL_WAITS
 * interrupt  SIGUSR1; the answer to the request, or PROBE_WAITS once it sleeps again
 * kill       SIGKILL; the answer is "ok" */
void probe_seat_ask(struct probe_seat *seat, const char *line, uint64_t timeout,
		    char answer[PROBE_LINE_MAX]);

/* Kills and reaps. An actor that the kernel does not let die is left behind. */
void probe_seat_end(struct probe_seat *seat);

#endif
