/* SPDX-License-Identifier: MIT
 * The probes of the table, one file for each group of the contract's rows. */
#ifndef LOCKSHIM_TESTS_CONFORMANCE_ROWS_H
#define LOCKSHIM_TESTS_CONFORMANCE_ROWS_H

#include "tests/conformance/probe.h"

/* What most rows are stressed by: how the description was opened. O_RDONLY and O_RDWR ask for
 * LOCK_EX, O_WRONLY for LOCK_SH. */
static inline int operation_of(int mode)
{
	return mode == O_WRONLY ? LOCK_SH : LOCK_EX;
}

const char *probe_open_mode(const struct probe *probe, int mode);
const char *probe_not_ours_to_open(const struct probe *probe, int mode);

/* How a description's life ends; beside it the mode. */
enum last_end { BY_RAW_CLOSE, BY_DUP2, BY_RAW_CLOSE_RANGE, BY_EXIT, BY_SIGKILL, BY_EXEC, ENDS };
#define ENDED(end, mode) ((end) << 4 | (mode))
const char *probe_last_end(const struct probe *probe, int ended);
const char *probe_duplicate_lives_on(const struct probe *probe, int mode);

const char *probe_second_description(const struct probe *probe, int mode);
const char *probe_unrelated_close(const struct probe *probe, int mode);
const char *probe_parent_closes(const struct probe *probe, int mode);
const char *probe_parent_exits(const struct probe *probe, int mode);
const char *probe_child_closes(const struct probe *probe, int mode);
const char *probe_vfork_exec(const struct probe *probe, int mode);
const char *probe_receiver_holds(const struct probe *probe, int mode);
const char *probe_receiver_asks(const struct probe *probe, int mode);

const char *probe_unlock(const struct probe *probe, int operation);
const char *probe_unlock_read_only(const struct probe *probe, int operation);
const char *probe_child_unlocks(const struct probe *probe, int mode);
const char *probe_exec_unlocks(const struct probe *probe, int mode);
const char *probe_receiver_unlocks(const struct probe *probe, int mode);

const char *probe_locked_by_another(const struct probe *probe, int mode);
const char *probe_holder_execs(const struct probe *probe, int mode);
const char *probe_subshell(const struct probe *probe, int redirected);

const char *probe_two_upgrade(const struct probe *probe, int in_threads);
const char *probe_failed_upgrade(const struct probe *probe, int mode);
const char *probe_lone_upgrade(const struct probe *probe, int mode);
const char *probe_lone_downgrade(const struct probe *probe, int mode);
const char *probe_relock(const struct probe *probe, int mode);
const char *probe_downgrade_polled(const struct probe *probe, int mode);
const char *probe_downgrade_awaited(const struct probe *probe, int mode);

/* Of probe_mixed(). */
enum mixed { FCNTL_FIRST = 1, TWO_DESCRIPTORS = 2, A_PART = 4 };
const char *probe_mixed(const struct probe *probe, int mixed);
const char *probe_pid_getlk(const struct probe *probe, int unused);
const char *probe_pid_locks(const struct probe *probe, int unused);

#endif
