/* SPDX-License-Identifier: MIT
 * What happens in one schedule, all of it from its seed. */
#ifndef LOCKSHIM_TESTS_FUSE_PLAN_H
#define LOCKSHIM_TESTS_FUSE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define TURNS_MAX 4
#define RECORDS_MAX 3

enum family { FAMILY_FLOCK, FAMILY_POSIX, FAMILY_OFD, FAMILY_COUNT };

/* How records get into the file. */
enum store {
	STORE_WRITE,
	STORE_PWRITE,
	STORE_WRITEV,
	STORE_MAPPING,
	STORE_OTHER, /* through another descriptor than the lock's */
	STORE_COUNT,
};

/* How the lock is let go. What stands behind WAY_COVERED is not covered by any preload. */
enum way {
	WAY_UNLOCK,
	WAY_PARTS, /* one half of the range, then all; flock: LOCK_UN */
	WAY_DOWNGRADE,
	WAY_CLOSE,
	WAY_DUP2,
	WAY_FCLOSE, /* with a record in the stream's buffer */
	WAY_CLOSE_RANGE,
	WAY_CLOSE_OTHER, /* another descriptor of the file: POSIX's own way; flock, OFD: close */
	WAY_EXEC,        /* close-on-exec */
	WAY_EXIT,
	WAY_QUICK_EXIT,
	WAY_EXIT_NOW,  /* libc's _exit */
	WAY_READ_ONLY, /* an exclusive flock on a read-only descriptor, unlocked */
	WAY_COVERED,
	WAY_KILLED = WAY_COVERED,
	WAY_TERMINATED,
	WAY_ABORT,
	WAY_RAW_EXIT,
	WAY_RAW_CLOSE,
	WAY_BUFFERED,      /* unlocked while a record is in a stream's buffer */
	WAY_BUFFERED_EXIT, /* the same at exit */
	WAY_SHARED,        /* a shared lock on a read-only descriptor, unlocked */
	WAY_FREOPEN,       /* closed inside libc */
	WAY_CHILD,         /* closed; a child took the lock through it */
	WAY_COUNT,
};

struct turn {
	enum store store;
	enum way way;
	unsigned records;
	bool contended; /* the next holder asks while this one holds */
};

struct plan {
	uint64_t seed;
	enum family family;
	unsigned turns;
	struct turn turn[TURNS_MAX];
	unsigned crash_at; /* the file's how-manieth operation; there may be fewer */
};

extern const char *const way_names[WAY_COUNT];

enum ways {
	WAYS_COVERED,
	WAYS_CONVERTED, /* those that look the same to the server in whatever family the lock is */
	WAYS_UNCOVERED,
};

struct plan plan_make(uint64_t seed, enum ways ways);

/* The place of a turn's first record in the file, in records. */
unsigned plan_first_record(const struct plan *plan, unsigned turn);

#endif
