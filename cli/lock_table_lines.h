/* SPDX-License-Identifier: MIT
 * The lines in which the kernel lists locks, in /proc/locks and in fdinfo. */
#ifndef CLI_LOCK_TABLE_LINES_H
#define CLI_LOCK_TABLE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cli_lock_family {
	CLI_LOCK_UNKNOWN,
	CLI_LOCK_FLOCK,
	CLI_LOCK_POSIX,
	CLI_LOCK_OFD,
	CLI_LOCK_RECORD, /* POSIX or OFD, which F_GETLK does not tell */
	CLI_LOCK_LEASE,  /* or a delegation */
	CLI_LOCK_FAMILIES,
};

/* A file as the kernel's list names it: the device of its file system, which stat may call
 * otherwise (btrfs, overlay). */
struct cli_lock_file {
	unsigned major, minor;
	uint64_t inode;
};

#define CLI_LOCK_EOF INT64_MAX

/* Both ends of the range are included. */
struct cli_lock_line {
	struct cli_lock_file file;
	int64_t start, end;
	int pid;        /* who took it, and may be gone; -1: an open file description's */
	unsigned level; /* 0: held; else it waits for the last line before it of a lower level */
	enum cli_lock_family family;
	bool write, mandatory;
};

/* "4: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF", with "lock:\t" before it or not. False where
 * it is no such line. */
bool cli_lock_line_read(const char *text, struct cli_lock_line *ret);

bool cli_lock_line_same(const struct cli_lock_line *one, const struct cli_lock_line *other);
bool cli_lock_file_same(const struct cli_lock_file *one, const struct cli_lock_file *other);
/* Negative, 0 or positive, as for qsort(): those that are the same stand together. */
int cli_lock_line_compare(const struct cli_lock_line *one, const struct cli_lock_line *other);
int cli_lock_file_compare(const struct cli_lock_file *one, const struct cli_lock_file *other);

struct cli_lock_list {
	struct cli_lock_line *at;
	size_t count, room;
};

/* The whole list. The kernel gives it a page at a time, and changes it in between, where a line can
 * get lost or come twice: a longer one is read until two readings agree. Where none do, each lock
 * is there as often as most of them have it, at least. */
#define CLI_LOCK_READINGS 7
struct cli_lock_lines {
	struct cli_lock_list list, readings[CLI_LOCK_READINGS];
	char *text[CLI_LOCK_READINGS];
	size_t room[CLI_LOCK_READINGS];
};

/* Reads FD to its end into *TEXT of *ROOM bytes, both kept for the next time. The pieces that it
 * came in, one more where what was read twice is left out; or -1 with errno. */
int cli_lock_text_read(int fd, char **text, size_t *room);

/* Into LINES, zeroed or filled before. False with errno where there is no list. */
bool cli_lock_lines_read(struct cli_lock_lines *lines);

#endif
