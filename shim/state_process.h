/* SPDX-License-Identifier: MIT
 * Who a process is, from /proc: a number alone is used again. */
#ifndef LOCKSHIM_STATE_PROCESS_H
#define LOCKSHIM_STATE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_PATH_ROOM 64

struct state_self {
	int pid;
	uint64_t started; /* in clock ticks since the start of the machine */
	uint64_t space;   /* the pid namespace */
	uint64_t image;   /* changes at exec */
};

/* False where it can't be told: no /proc, or another namespace's. */
bool state_self(struct state_self *ret);

/* A line of /proc/PID/stat or /proc/PID/task/TID/stat. */
struct state_stat {
	char name[16]; /* cut at 15 bytes, as the kernel does */
	char state;    /* R, S, D, T, Z … */
	int pid, parent;
	unsigned threads;
	uint64_t started;
};
bool state_stat(const char *path, struct state_stat *ret);

bool state_is_alive(int pid, uint64_t started);

/* "/proc/PID" TAIL, with NUMBER and MORE behind it where NUMBER is not negative. */
const char *state_path(char into[STATE_PATH_ROOM], int pid, const char *tail, int number,
		       const char *more);

/* The file's beginning, terminated: its length, or -errno. */
long state_read(const char *path, char *into, size_t room);

#endif
