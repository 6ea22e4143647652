/* SPDX-License-Identifier: MIT
 * POSIX locks, byte by byte, and flocks: what each of some processes holds, and what a request is
 * answered. Where both became OFD locks, the two meet between processes, never in one. */
#ifndef LOCKSHIM_TESTS_PRELOAD_RANGE_MODEL_H
#define LOCKSHIM_TESTS_PRELOAD_RANGE_MODEL_H

#include "tests/preload/parts.h"

#define OWNERS 3
#define OUTSIDER 2 /* the owner that asks by raw system calls */
#define BYTES 32   /* the last one stands for all from there to the end */

/* Of each owner; the third is open for reading only, the fourth a dup of the first. */
#define DESCRIPTORS 4
#define READ_ONLY 2

enum kind { SET, LOCKF, GET, OPEN_AND_CLOSE, FLOCK, KINDS };

struct request {
	enum kind kind;
	int owner, through;
	short type;
	int start, end;
};

struct reply {
	int error;
	short type; /* of GET: what it found */
	int start, end, pid;
};

/* An owner is a process that does as it is told. */
struct owner {
	pid_t pid;
	int ask, hear;
};
void owner_start(struct owner *owner, const char *path, bool is_raw);
struct reply owner_ask(const struct owner *owner, const struct request *request);
void owner_stop(struct owner *owner);

struct model {
	/* 'R', 'W' or 0 */
	char held[OWNERS][BYTES];
	char flocked[OWNERS][DESCRIPTORS];
};

/* True where ERROR is the answer; what was granted is held from then on. */
bool model_agrees(struct model *model, const struct request *request, int error);

/* True where REPLY to a GET names a lock that stands against it, or none where none does. */
bool model_has(const struct model *model, const struct request *request, const struct reply *reply,
	       const struct owner owners[OWNERS]);

/* BYTES characters, of all owners together: 'R', 'W' or '.'. */
void seen_map(const char *path, char ret[BYTES + 1]);
/* True where the model's is SEEN. */
bool model_looks(const struct model *model, const char *seen, char ret_least[BYTES + 1]);

#endif
