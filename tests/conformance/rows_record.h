/* SPDX-License-Identifier: MIT
 * The probes of record locks: for calls of the POSIX family and for those of the OFD family. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_ROWS_RECORD_H
#define LOCKSHIM_TESTS_CONFORMANCE_ROWS_RECORD_H

#include "tests/conformance/record.h"
#include "tests/conformance/rows.h"

/* rows_owner.c: two descriptors of the file in one process. */
const char *probe_other_converts(const struct probe *probe, int operation);
const char *probe_other_unlocks(const struct probe *probe, int unused);
const char *probe_other_that_asked_closes(const struct probe *probe, int unused);
const char *probe_first_of_two_closes(const struct probe *probe, int unused);
const char *probe_others_part_stays(const struct probe *probe, int unused);
const char *probe_dup_unlocks(const struct probe *probe, int unused);
const char *probe_two_threads(const struct probe *probe, int unused);

/* rows_inherited.c: a description that two processes have. */
enum parent { PARENT_HOLDS, PARENT_UNLOCKED, PARENT_CLOSED, PARENT_LOCKS_LATER, PARENT_ENDS };
const char *probe_child_asks(const struct probe *probe, int parent);
const char *probe_child_waits(const struct probe *probe, int parent);
const char *probe_orphan_asks(const struct probe *probe, int unused);
const char *probe_child_opens_and_asks(const struct probe *probe, int unused);
const char *probe_parent_unlocks(const struct probe *probe, int unused);
const char *probe_parent_converts(const struct probe *probe, int unused);
const char *probe_child_locks_and_ends(const struct probe *probe, int unused);
const char *probe_exec_then_unlock(const struct probe *probe, int unused);

/* rows_heir.c: more than one way to the file. */
enum copy { COPY_DUP, COPY_DUP2, COPY_DUP3, COPY_DUPFD };
const char *probe_child_copies_and_asks(const struct probe *probe, int way);
enum both { INHERITED_FIRST = 1, INHERITED_UNLOCKS = 2 };
const char *probe_child_uses_both(const struct probe *probe, int order);
const char *probe_brother_asks(const struct probe *probe, int unused);
const char *probe_exec_asks_again(const struct probe *probe, int unused);
const char *probe_many_descriptors(const struct probe *probe, int count);
const char *probe_many_parts(const struct probe *probe, int count);

/* rows_asked.c: what F_GETLK answers, and what a request carries. */
enum asked { ABOUT_POSIX = 1, ABOUT_OFD = 2, OWN_TOO = 4, OWN_ELSEWHERE = 8 };
const char *probe_get_foreign(const struct probe *probe, int asked);
const char *probe_get_own(const struct probe *probe, int asked);
const char *probe_get_inherited(const struct probe *probe, int open_anew);
const char *probe_request_pid(const struct probe *probe, int unused);
const char *probe_seen_length(const struct probe *probe, int unused);

/* rows_parts.c */
enum parts {
	PARTS_APART,
	PARTS_SPLIT,
	PARTS_HOLE,
	PARTS_MERGE,
	PARTS_OVERLAP,
	PARTS_FROM_OFFSET,
	PARTS_FROM_END,
	PARTS_BACKWARDS,
	PARTS_BACK_FROM_OFFSET,
	PARTS_TO_END,
	PARTS_LONGEST,
	PARTS_END_CUT,
	PARTS_TWO_UNLOCK,
	PARTS_TWO_CONVERT,
	PARTS_LOCKF,
	PARTS_LOCKF_TO_END,
	PARTS_LOCKF_BACK,
	PARTS_LOCKF_HOLE,
	PARTS_LOCKF_OTHER,
};
const char *probe_parts(const struct probe *probe, int parts);
const char *probe_far_away(const struct probe *probe, int power);
const char *probe_lockf_test(const struct probe *probe, int foreign);

/* rows_bad.c: each by all three calls; "a/b/c" where their answers differ. */
enum bad {
	BAD_NUMBER,
	BAD_NULL,
	BAD_POINTER,
	BAD_HALF_POINTER,
	BAD_WHENCE,
	BAD_TYPE,
	BAD_WRITE_ON_READ_ONLY,
	BAD_READ_ON_WRITE_ONLY,
	BAD_PATH_ONLY,
	BAD_START,
	BAD_LENGTH,
	BAD_OVERFLOW,
	BAD_PID,
};
const char *probe_bad(const struct probe *probe, int bad);
enum bad_lockf { LOCKF_NUMBER, LOCKF_READ_ONLY, LOCKF_COMMAND, LOCKF_BEFORE_START, LOCKF_OVERFLOW };
const char *probe_bad_lockf(const struct probe *probe, int bad);

/* rows_wait.c */
const char *probe_interrupted(const struct probe *probe, int flags);
const char *probe_cancelled(const struct probe *probe, int unused);
const char *probe_each_waits_for_the_other(const struct probe *probe, int unused);

#endif
