/* SPDX-License-Identifier: MIT
 * The rows of the table: which call in which setups is compared. */
#include "bench.h"

#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

const struct bench_row bench_rows[] = {
	{ "0", "control: flock, empty object / bare flock", SETUP_EMPTY, CALL_FLOCK_EX, SETUP_BARE,
	  CALL_FLOCK_EX, 0 },
	{ "1", "flock=ofd, no file keys / raw OFD", SETUP_SET, CALL_FLOCK_EX, SETUP_BARE,
	  CALL_OFD_EX, 1.10 },
	{ "2", "flock=ofd, one filesystem rule / raw OFD", SETUP_FILESYSTEM, CALL_FLOCK_EX,
	  SETUP_BARE, CALL_OFD_EX, 1.6 },
	{ "2b", "flock=ofd, one path rule / raw OFD", SETUP_PATH, CALL_FLOCK_EX, SETUP_BARE,
	  CALL_OFD_EX, 0 },
	{ "3", "unmatched, no file keys / bare flock", SETUP_NOBODY, CALL_FLOCK_EX, SETUP_BARE,
	  CALL_FLOCK_EX, 1.10 },
	{ "3b", "unmatched, one filesystem rule / bare flock", SETUP_OTHER, CALL_FLOCK_EX,
	  SETUP_BARE, CALL_FLOCK_EX, 0 },
	{ "3c", "no policy / bare flock", SETUP_NO_POLICY, CALL_FLOCK_EX, SETUP_BARE, CALL_FLOCK_EX,
	  0 },
	{ "4", "F_GETFL, flock=ofd / bare F_GETFL", SETUP_SET, CALL_GETFL, SETUP_BARE, CALL_GETFL,
	  1.10 },
	{ "5", "1,000 filesystem rules / one", SETUP_1000_FILESYSTEM, CALL_FLOCK_EX,
	  SETUP_FILESYSTEM, CALL_FLOCK_EX, 1.10 },
	{ "5b", "1,000 path rules / one", SETUP_1000_PATH, CALL_FLOCK_EX, SETUP_PATH, CALL_FLOCK_EX,
	  1.10 },
	{ "5c", "1,000 fstype rules / one", SETUP_1000_FSTYPE, CALL_FLOCK_EX, SETUP_FSTYPE,
	  CALL_FLOCK_EX, 1.10 },
	{ "7", "dup and close, flock=ofd / bare", SETUP_SET, CALL_DUP_CLOSE, SETUP_BARE,
	  CALL_DUP_CLOSE, 0 },
	{ "8", "LOCK_SH, flock=ofd, no file keys / raw OFD read", SETUP_SET, CALL_FLOCK_SH,
	  SETUP_BARE, CALL_OFD_SH, 0 },
	{ "9", "F_SETLK, fcntl=ofd, no file keys / raw OFD", SETUP_RECORDS, CALL_POSIX_EX,
	  SETUP_BARE, CALL_OFD_EX, 0 },
	{ "9b", "F_SETLK, flock=ofd / bare F_SETLK", SETUP_SET, CALL_POSIX_EX, SETUP_BARE,
	  CALL_POSIX_EX, 0 },
	{ "10", "trace=all, flock / untraced", SETUP_TRACED, CALL_FLOCK_EX, SETUP_NO_POLICY,
	  CALL_FLOCK_EX, 1.20 },
	{ "10b", "trace=all, flock=ofd / untraced", SETUP_TRACED_SET, CALL_FLOCK_EX, SETUP_SET,
	  CALL_FLOCK_EX, 1.20 },
	{ "10c", "trace=all, F_SETLK / untraced", SETUP_TRACED, CALL_POSIX_EX, SETUP_NO_POLICY,
	  CALL_POSIX_EX, 1.20 },
	{ "10d", "trace=all, F_OFD_SETLK / untraced", SETUP_TRACED, CALL_OFD_EX, SETUP_NO_POLICY,
	  CALL_OFD_EX, 1.20 },
	{ "10e", "trace=all, F_SETLK by fcntl=ofd / untraced", SETUP_TRACED_RECORDS, CALL_POSIX_EX,
	  SETUP_RECORDS, CALL_POSIX_EX, 1.20 },
	{ "10f", "trace=all in memory, flock / untraced", SETUP_TRACED_MEMORY, CALL_FLOCK_EX,
	  SETUP_NO_POLICY, CALL_FLOCK_EX, 1.20 },
	{ "10g", "trace-full=overwrite, flock / untraced", SETUP_TRACED_RING, CALL_FLOCK_EX,
	  SETUP_NO_POLICY, CALL_FLOCK_EX, 1.20 },
	{ "11", "trace=contended, flock / untraced", SETUP_CONTENDED, CALL_FLOCK_EX,
	  SETUP_NO_POLICY, CALL_FLOCK_EX, 0 },
	{ "11b", "trace=errors, flock / untraced", SETUP_ERRORS, CALL_FLOCK_EX, SETUP_NO_POLICY,
	  CALL_FLOCK_EX, 0 },
	{ "11c", "log=all, flock, past its rate / untraced", SETUP_LOGGED, CALL_FLOCK_EX,
	  SETUP_NO_POLICY, CALL_FLOCK_EX, 0 },
	{ "12", "trace=all, flock / bare", SETUP_TRACED, CALL_FLOCK_EX, SETUP_BARE, CALL_FLOCK_EX,
	  0 },
	{ "12b", "lttng-ust, flock / bare", SETUP_LTTNG, CALL_FLOCK_EX, SETUP_BARE, CALL_FLOCK_EX,
	  0 },
	{ "13", "wall: trace=all, flock / bare", SETUP_FREE_TRACED, CALL_FLOCK_EX, SETUP_FREE,
	  CALL_FLOCK_EX, 0 },
	{ "13b", "wall: lttng-ust, flock / bare", SETUP_FREE_LTTNG, CALL_FLOCK_EX, SETUP_FREE,
	  CALL_FLOCK_EX, 0 },
	{ "13c", "wall: perf trace, flock / bare", SETUP_PERF, CALL_FLOCK_EX, SETUP_FREE,
	  CALL_FLOCK_EX, 0 },
	{ "13d", "wall: strace, flock / bare", SETUP_STRACE, CALL_FLOCK_EX, SETUP_FREE,
	  CALL_FLOCK_EX, 0 },
	{ "13e", "wall: ltrace, flock / bare", SETUP_LTRACE, CALL_FLOCK_EX, SETUP_FREE,
	  CALL_FLOCK_EX, 0 },
	{ "14", "on-unlock=flush-data, flock / with fdatasync, bare", SETUP_FLUSHED, CALL_FEW,
	  SETUP_BARE, CALL_FEW_SYNC, 1.5 },
	{ "14b", "on-unlock=flush-data, dup and close / bare", SETUP_FLUSHED, CALL_DUP_CLOSE,
	  SETUP_BARE, CALL_DUP_CLOSE, 0 },
	{ "14c", "wall: on-unlock=flush-data, flock / bare fdatasync", SETUP_FREE_FLUSHED, CALL_FEW,
	  SETUP_FREE, CALL_SYNC, 0 },
	{ "14d", "wall: the same, written / with fdatasync, bare", SETUP_FREE_FLUSHED, CALL_WRITTEN,
	  SETUP_FREE, CALL_WRITTEN_SYNC, 0 },
};
const size_t bench_rows_count = COUNT_OF(bench_rows);

const struct bench_load bench_loads[] = {
	{ "6", "loading, no policy file / empty object", SETUP_NO_POLICY, 1.5 },
	{ "6b", "loading, one rule / empty object", SETUP_RULE, 0 },
	{ "6c", "loading, one filesystem rule / empty object", SETUP_FILESYSTEM, 0 },
	{ "6d", "loading, 1,000 path rules / empty object", SETUP_1000_PATH, 0 },
};
const size_t bench_loads_count = COUNT_OF(bench_loads);

bool rows_want(const struct bench_config *config, const char *name)
{
	size_t len = config->only ? strlen(config->only) : 0;

	if (!len)
		return true;
	return !strncmp(name, config->only, len) && (name[len] < '0' || name[len] > '9');
}

bool rows_want_setup(const struct bench_config *config, enum bench_setup_id setup)
{
	for (size_t i = 0; i < bench_rows_count; i++)
		if ((bench_rows[i].setup == setup || bench_rows[i].base == setup) &&
		    rows_want(config, bench_rows[i].name))
			return true;
	for (size_t i = 0; i < bench_loads_count; i++)
		if (bench_loads[i].setup == setup && rows_want(config, bench_loads[i].name))
			return true;
	return false;
}
