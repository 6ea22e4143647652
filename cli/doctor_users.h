/* SPDX-License-Identifier: MIT
 * Which processes have which files open, what they hold on them, and whether their locks are
 * converted: by the descriptors in /proc. */
#ifndef CLI_DOCTOR_USERS_H
#define CLI_DOCTOR_USERS_H

#include "cli/converted.h"

struct cli_wanted_file {
	uint64_t device, inode; /* as stat has them */
	bool held;              /* who does not lock it counts too: the one who asks does */
};

/* The files that are asked for. */
struct cli_wanted {
	const char *below; /* locked files below this directory (absolute); or NULL */
	struct cli_wanted_file *files;
	size_t files_count;
};

struct cli_user {
	const struct cli_converted *who;
	const char *path;  /* the first of its files that is wanted */
	size_t files;      /* how many are */
	unsigned families; /* bits 1 << enum cli_try_family: what it holds there */
};

struct cli_users {
	struct cli_user *at;
	size_t count;
	size_t hidden; /* processes whose descriptors could not be looked at */
};

/* Users but for EXCEPT (a process, or 0) and this command: who holds a lock below WANTED->below or
 * on one of the files, and who has one open that is HELD. */
void cli_users_find(const struct cli_wanted *wanted, int except, struct cli_users *ret);

/* The regular files that PID has open, HELD where it has a lock on them, into ret->files. False
 * where it cannot be looked at. */
bool cli_users_files_of(int pid, struct cli_wanted *ret);

/* The locks that PID holds, a row a descriptor. */
void cli_users_locks_of(int pid, struct cli_users *ret);

/* The families of a set, "flock, OFD"; "-" of none. */
const char *cli_users_families(unsigned families);

#endif
