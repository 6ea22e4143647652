/* SPDX-License-Identifier: MIT
 * What the rows are made of: the judge's eyes, and helpers driven by a handshake. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_PROBE_H
#define LOCKSHIM_TESTS_CONFORMANCE_PROBE_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/types.h>

#include "tests/conformance/question.h"
#include "tests/conformance/table.h"

struct probe {
	const char *file;
	const struct table *table;
	const struct column_of *column;
	int judge;
};

/* Runs the row and tells the judge its cell. */
_Noreturn void probe_run(const struct probe *probe, const struct row *row);

/* Ends the probe with this cell. */
_Noreturn void probe_end(const struct probe *probe, const char *cell);

/* From one process and thread of a probe at a time. */
int probe_ask(const struct probe *probe, enum ask ask, int argument);
int probe_ask_of(const struct probe *probe, enum ask ask, int argument, int64_t start,
		 int64_t length);

int must_open(const struct probe *probe, int flags);
/* The table's call, with flock's operations: flock, or a record lock over the whole file. */
int lock_call(const struct probe *probe, int fd, int operation);
/* Without waiting; a refusal ends the probe. */
void must_lock(const struct probe *probe, int fd, int operation);

/* A word for what a call answered, by errno: "granted", "conflicts", or an errno's name. */
const char *answer_word(int result);

/* As must_lock(), and whether outsiders then meet what was asked for, no less. */
const char *granted(const struct probe *probe, int fd, int operation);

/* "held" where LOCK_EX is refused in every domain of the column, FREE where in none. */
const char *held_or(const struct probe *probe, const char *free);

/* A helper: a process that says a byte and is told one. */
struct helper {
	pid_t pid;
	int hear, tell;
};

/* Forked, or by exec of this program as `--do ACTION FD FAMILY`: see act.h. */
struct helper helper_fork(const struct probe *probe, int fd,
			  void (*run)(const struct probe *probe, int fd));
struct helper helper_exec(const struct probe *probe, const char *action, int fd);
/* In the helper. */
void helper_say(void);
void helper_wait(void);
void helper_to_standard(void); /* its ends become standard input and output */
/* As helper_exec(), in this process. */
void helper_become(const struct probe *probe, const char *action, int fd);
/* In the probe. */
void helper_hear(const struct probe *probe, const struct helper *helper);
void helper_tell(const struct helper *helper);
int helper_ended(struct helper *helper); /* its exit status, -1 if it was killed */

#endif
