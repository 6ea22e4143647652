/* SPDX-License-Identifier: MIT
 * The table. Under `posix` the process model's own answers stand where the lock is the process's;
 * a keeper's lock is the description's there too. */
#include "tests/conformance/rows.h"

static const struct column_of columns[] = {
	COLUMN("flock (bare)", NULL, IN_FLOCK, IN_FLOCK, .passes = true),
	COLUMN("pass", "flock=pass", IN_FLOCK, IN_FLOCK, .passes = true),
	COLUMN("ofd", "flock=ofd", IN_RECORDS, IN_RECORDS),
	COLUMN("posix", "flock=posix", IN_RECORDS, IN_RECORDS),
	COLUMN("both", "flock=both", IN_FLOCK | IN_RECORDS, IN_FLOCK | IN_RECORDS),
};

/* In the columns' order. */
#define CELLS(bare, pass, ofd, posix, both) .expected = { bare, pass, ofd, posix, both }
#define ALL(word) CELLS(word, word, word, word, word)
#define BUT_POSIX(word, posix) CELLS(word, word, word, posix, word)
#define CONVERTED(word, converted) CELLS(word, word, converted, converted, converted)
/* The policy refuses `both` here: its native half lets the shared lock go. */
#define KEPT CELLS("SH lost", "SH lost", "SH kept", "SH kept", NULL)
#define ATOMIC .settings = "upgrade = atomic"

static const struct row rows[] = {
	HEADING("opened for the other thing"),
	ROW("O_RDONLY + EX", probe_open_mode, O_RDONLY, ALL("granted")),
	ROW("O_WRONLY + SH", probe_open_mode, O_WRONLY, ALL("granted")),
	ROW("O_RDONLY + EX, may not write", probe_not_ours_to_open, O_RDONLY,
	    CONVERTED("granted", "EBADF")),
	ROW("O_RDONLY + EX, open-mode = fail", probe_open_mode, O_RDONLY,
	    CONVERTED("granted", "EBADF"), .settings = "open-mode = fail"),
	ROW("O_WRONLY + SH, open-mode = fail", probe_open_mode, O_WRONLY,
	    CONVERTED("granted", "EBADF"), .settings = "open-mode = fail"),

	HEADING("how the last descriptor goes"),
#define LIFE(mode, text)                                                                           \
	ROW(text ", raw close", probe_last_end, ENDED(BY_RAW_CLOSE, mode), ALL("released")),       \
		ROW(text ", dup2 over it", probe_last_end, ENDED(BY_DUP2, mode), ALL("released")), \
		ROW(text ", raw close_range", probe_last_end, ENDED(BY_RAW_CLOSE_RANGE, mode),     \
		    ALL("released")),                                                              \
		ROW(text ", exit", probe_last_end, ENDED(BY_EXIT, mode), ALL("released")),         \
		ROW(text ", SIGKILL", probe_last_end, ENDED(BY_SIGKILL, mode), ALL("released")),   \
		ROW(text ", close-on-exec", probe_last_end, ENDED(BY_EXEC, mode), ALL("released"))
	LIFE(O_RDWR, "O_RDWR + EX"),
	LIFE(O_RDONLY, "O_RDONLY + EX"),
	LIFE(O_WRONLY, "O_WRONLY + SH"),
	ROW("O_RDWR + EX, a dup lives on", probe_duplicate_lives_on, O_RDWR,
	    BUT_POSIX("held", "LOST")),
	ROW("O_RDONLY + EX, a dup lives on", probe_duplicate_lives_on, O_RDONLY, ALL("held")),
	ROW("O_WRONLY + SH, a dup lives on", probe_duplicate_lives_on, O_WRONLY, ALL("held")),

	HEADING("second description of the file, same process"),
	ROW("O_RDWR", probe_second_description, O_RDWR, BUT_POSIX("conflicts", "granted")),
	ROW("O_RDONLY", probe_second_description, O_RDONLY, ALL("conflicts")),

	HEADING("close of an unrelated descriptor of the file"),
	ROW("O_RDWR + EX", probe_unrelated_close, O_RDWR, BUT_POSIX("held", "LOST")),
	ROW("O_RDONLY + EX", probe_unrelated_close, O_RDONLY, ALL("held")),
	ROW("O_WRONLY + SH", probe_unrelated_close, O_WRONLY, ALL("held")),

	HEADING("fork; parent closes; child holds"),
	ROW("parent closes", probe_parent_closes, O_RDWR, BUT_POSIX("held", "LOST")),
	ROW("parent closes, O_RDONLY", probe_parent_closes, O_RDONLY, ALL("held")),
	ROW("parent closes, O_WRONLY", probe_parent_closes, O_WRONLY, ALL("held")),
	ROW("parent exits", probe_parent_exits, O_RDWR, BUT_POSIX("held", "LOST")),
	ROW("parent exits, O_RDONLY", probe_parent_exits, O_RDONLY, ALL("held")),
	ROW("parent exits, O_WRONLY", probe_parent_exits, O_WRONLY, ALL("held")),
	ROW("child closes, parent holds", probe_child_closes, O_RDWR, ALL("held")),
	ROW("child closes, O_RDONLY", probe_child_closes, O_RDONLY, ALL("held")),
	ROW("vfork + exec, parent closes", probe_vfork_exec, O_RDWR, BUT_POSIX("held", "LOST")),
	ROW("vfork + exec, O_RDONLY", probe_vfork_exec, O_RDONLY, ALL("held")),
	ROW("SCM_RIGHTS, sender closes", probe_receiver_holds, O_RDWR, BUT_POSIX("held", "LOST")),
	ROW("SCM_RIGHTS, O_RDONLY", probe_receiver_holds, O_RDONLY, ALL("held")),

	HEADING("LOCK_UN in the child"),
	ROW("child of fork", probe_child_unlocks, O_RDWR, BUT_POSIX("releases", "no effect")),
	ROW("child of fork, O_RDONLY", probe_child_unlocks, O_RDONLY, ALL("releases")),
	ROW("child of fork, O_WRONLY", probe_child_unlocks, O_WRONLY, ALL("releases")),
	ROW("vfork + exec", probe_exec_unlocks, O_RDWR, BUT_POSIX("releases", "no effect")),
	ROW("vfork + exec, O_RDONLY", probe_exec_unlocks, O_RDONLY, ALL("releases")),
	ROW("vfork + exec, O_WRONLY", probe_exec_unlocks, O_WRONLY, ALL("releases")),
	ROW("SCM_RIGHTS receiver", probe_receiver_unlocks, O_RDWR,
	    BUT_POSIX("releases", "no effect")),
	ROW("SCM_RIGHTS receiver, O_RDONLY", probe_receiver_unlocks, O_RDONLY, ALL("releases")),

	HEADING("inherited across exec"),
	ROW("locked by another program", probe_locked_by_another, O_RDWR,
	    BUT_POSIX("held", "LOST")),
	ROW("the same, O_RDONLY", probe_locked_by_another, O_RDONLY, ALL("held")),
	ROW("holder becomes another program", probe_holder_execs, O_RDWR, ALL("held")),
	ROW("the same, O_RDONLY", probe_holder_execs, O_RDONLY, ALL("held")),
	ROW("( flock 9; ... ) 9>f", probe_subshell, 0, BUT_POSIX("held", "LOST"), .programs = true),
	ROW("exec 9<f; flock -x 9", probe_subshell, 1, ALL("held"), .programs = true),
	ROW("( flock -s 9; ... ) 9>f", probe_subshell, 2, ALL("held"), .programs = true),

	HEADING("two SH holders both block on EX"),
	ROW("two processes", probe_two_upgrade, false, ALL("both in turn")),
	ROW("two descriptions, one process", probe_two_upgrade, true,
	    BUT_POSIX("both in turn", "both at once")),
	ROW("two processes, atomic", probe_two_upgrade, false, ATOMIC,
	    CELLS("both in turn", "both in turn", "one EDEADLK", "one EDEADLK", NULL)),
	ROW("one process, atomic", probe_two_upgrade, true, ATOMIC,
	    CELLS("both in turn", "both in turn", "one EDEADLK", "both at once", NULL)),

	HEADING("failed SH->EX with LOCK_NB"),
	ROW("upgrade = drop", probe_failed_upgrade, O_RDWR, ALL("SH lost")),
	ROW("upgrade = drop, O_RDONLY", probe_failed_upgrade, O_RDONLY, ALL("SH lost")),
	ROW("upgrade = drop, O_WRONLY", probe_failed_upgrade, O_WRONLY, ALL("SH lost")),
	ROW("upgrade = atomic", probe_failed_upgrade, O_RDWR, ATOMIC, KEPT),
	ROW("upgrade = atomic, O_RDONLY", probe_failed_upgrade, O_RDONLY, ATOMIC, KEPT),
	ROW("upgrade = atomic, O_WRONLY", probe_failed_upgrade, O_WRONLY, ATOMIC, KEPT),
	ROW("SH->EX, nobody else", probe_lone_upgrade, O_RDWR, ALL("granted")),
	ROW("SH->EX, nobody else, O_RDONLY", probe_lone_upgrade, O_RDONLY, ALL("granted")),
	ROW("SH->EX, nobody else, O_WRONLY", probe_lone_upgrade, O_WRONLY, ALL("granted")),
	ROW("EX->SH, nobody else", probe_lone_downgrade, O_RDWR, ALL("granted")),
	ROW("EX->SH, nobody else, O_RDONLY", probe_lone_downgrade, O_RDONLY, ALL("granted")),
	ROW("EX->SH, nobody else, O_WRONLY", probe_lone_downgrade, O_WRONLY, ALL("granted")),
	ROW("EX->SH, a third polls", probe_downgrade_polled, O_RDWR, ALL("nobody gets in")),
	ROW("EX->SH, O_RDONLY, a third polls", probe_downgrade_polled, O_RDONLY,
	    ALL("nobody gets in")),
	ROW("EX->SH, O_WRONLY, a third polls", probe_downgrade_polled, O_WRONLY,
	    ALL("nobody gets in")),
	ROW("EX->SH, a third waits", probe_downgrade_awaited, O_RDWR, ALL("nobody gets in")),
	ROW("EX->SH, O_RDONLY, a third waits", probe_downgrade_awaited, O_RDONLY,
	    ALL("nobody gets in")),
	ROW("EX->SH, O_WRONLY, a third waits", probe_downgrade_awaited, O_WRONLY,
	    ALL("nobody gets in")),

	HEADING("process that takes flock and fcntl on one file"),
#define MIXED BUT_POSIX("both granted", "one drops both")
	ROW("flock first, one descriptor", probe_mixed, 0, MIXED),
	ROW("flock first, two", probe_mixed, TWO_DESCRIPTORS, MIXED),
	ROW("fcntl first, one descriptor", probe_mixed, FCNTL_FIRST, MIXED),
	ROW("fcntl first, two", probe_mixed, FCNTL_FIRST | TWO_DESCRIPTORS, MIXED),

	HEADING("LOCK_UN with LOCK_NB"),
	ROW("O_RDWR", probe_unlock, LOCK_UN | LOCK_NB, ALL("releases")),
	ROW("O_RDONLY", probe_unlock_read_only, LOCK_UN | LOCK_NB, ALL("releases")),
	ROW("lock again at once", probe_relock, O_RDWR, ALL("granted")),
	ROW("lock again at once, O_RDONLY", probe_relock, O_RDONLY, ALL("granted")),
	ROW("lock again at once, O_WRONLY", probe_relock, O_WRONLY, ALL("granted")),

	HEADING("holder's pid"),
	ROW("F_GETLK", probe_pid_getlk, 0, CELLS("none", "none", "-1", "pid", "-1")),
	ROW("/proc/locks", probe_pid_locks, 0, CELLS("pid", "pid", "-1", "pid", "pid, -1")),
};

const struct table flock_table = {
	.name = "flock",
	.title = "What flock means when it is rewritten",
	.family = BY_FLOCK,
	.columns = columns,
	.columns_count = sizeof columns / sizeof columns[0],
	.rows = rows,
	.rows_count = sizeof rows / sizeof rows[0],
};
