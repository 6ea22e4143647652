/* SPDX-License-Identifier: MIT
 * The state file: 32-bit words in the machine's order, the same for 32- and 64-bit programs. Every
 * word is read and written as one; what belongs together stands under a sequence number. */
#ifndef LOCKSHIM_STATE_LAYOUT_H
#define LOCKSHIM_STATE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define STATE_MAGIC_0 0x6b636f6cu /* "lock" */
#define STATE_MAGIC_1 0x6d696873u /* "shim" */
#define STATE_VERSION 1u

/* A record is these two words and those of one struct below. OWNER: a process's number while the
 * record is its own, 0: free. SEQUENCE: odd while the words are written, 0 before they ever were.
 */
enum state_word { STATE_OWNER, STATE_SEQUENCE, STATE_CONTENT };
#define STATE_RECORD(type) (STATE_CONTENT + sizeof(type) / sizeof(uint32_t))

/* Each begins with who owns the record: started is field 22 of /proc/PID/stat, which with the
 * number names one process; space is its pid namespace. */
struct state_process {
	uint64_t started, space;
	uint64_t hash; /* of its policy */
	uint32_t bits; /* 32 or 64 */
	uint32_t unused;
};

struct state_file {
	uint64_t started, space, hash;
	uint64_t device, inode;
};

struct state_holding {
	uint64_t device, inode; /* device: policy_device() */
	int64_t start, end;
	int32_t type; /* F_RDLCK or F_WRLCK, as every Linux numbers them for OFD locks */
	int32_t fd;
};

#define STATE_HOLDINGS 32
struct state_wait {
	uint64_t started, space;
	uint64_t image; /* changes at exec */
	uint64_t frame; /* where on the thread's stack its struct deadlock_wait is */
	uint64_t device, inode;
	int64_t start, end;
	int32_t thread, fd, type;
	uint32_t phase;
	uint32_t count;
	uint32_t overflow; /* it holds more than is listed */
	struct state_holding holdings[STATE_HOLDINGS];
};

#define STATE_PROCESSES 512
#define STATE_WAITS 256
#define STATE_FILE_SETS 256
#define STATE_FILE_WAYS 16

struct state {
	uint32_t magic[2], version, size;
	uint32_t verdict; /* the process that judges a cycle at the moment; 0: none */
	uint32_t turn;    /* which record goes next where there is no room */
	uint32_t unused[10];
	uint32_t processes[STATE_PROCESSES][STATE_RECORD(struct state_process)];
	uint32_t waits[STATE_WAITS][STATE_RECORD(struct state_wait)];
	uint32_t files[STATE_FILE_SETS][STATE_FILE_WAYS][STATE_RECORD(struct state_file)];
};

_Static_assert(sizeof(struct state_process) == 32, "the same for every class");
_Static_assert(sizeof(struct state_file) == 40, "the same for every class");
_Static_assert(sizeof(struct state_holding) == 40, "the same for every class");
_Static_assert(offsetof(struct state_wait, holdings) == 88, "the same for every class");
_Static_assert(sizeof(struct state_wait) == 88 + STATE_HOLDINGS * 40, "the same for every class");
_Static_assert(offsetof(struct state, waits) == 64 + STATE_PROCESSES * 40, "no gaps");
_Static_assert(offsetof(struct state, files) ==
		       64 + STATE_PROCESSES * 40 + STATE_WAITS * (8 + 88 + STATE_HOLDINGS * 40),
	       "no gaps");
_Static_assert(sizeof(struct state) ==
		       offsetof(struct state, files) + STATE_FILE_SETS * STATE_FILE_WAYS * 48,
	       "no gaps");

#endif
