/* SPDX-License-Identifier: MIT
 * What the parts of the writer share. The state is a process's alone: a forked child finds it
 * zeroed, and begins anew with its first event. */
#ifndef LOCKSHIM_TRACE_WRITER_STATE_H
#define LOCKSHIM_TRACE_WRITER_STATE_H

#include "trace/writer.h"

#define WRITER_STREAMS (sizeof(void *) == 8 ? 64 : 16)
#define WRITER_NAME_SETS 1024
#define WRITER_NAME_WAYS 4
#define WRITER_OBJECTS 256
#define WRITER_HINTS 64
#define WRITER_ROUNDS 64       /* that a thread asks for a stream which others have */
#define WRITER_YIELDS 32       /* and lets them run */
#define WRITER_MAKING 20000000 /* ns that it waits for who makes a process's first names */

/* What is wrong, beside errno's numbers. All are returned negative. */
enum writer_trouble {
	WRITER_NOT_ABSOLUTE = 5000,
	WRITER_IS_LINK,
	WRITER_IS_OTHERS,  /* another user's */
	WRITER_IS_OPEN,    /* this user's, and others may look into it */
	WRITER_NOT_STICKY, /* others may rename what is in it */
	WRITER_IS_ANOTHER, /* not the directory that was there at the start */
	WRITER_FILE_SYSTEM,
	WRITER_METADATA,
	WRITER_FILE_LIMIT,
	WRITER_NO_ROOM,
	WRITER_FULL,
	WRITER_FORKED, /* by a handler, in the midst: what was begun is the parent's */
};

/* A file that is mapped. Sizes are bytes. */
struct writer_file {
	unsigned char *map;  /* NULL: none */
	unsigned char *next; /* where the next record goes: no other process's is the same */
	unsigned char *end;  /* up to here there are blocks, so that a store can't fail */
	size_t size;         /* what the head calls the packet */
	size_t mapped;
	uint64_t device, inode;
	uint32_t number; /* in its name */
	bool ended;      /* shrunk: where it is full, another file follows */
	uint32_t pid;    /* whose it is */
	uint64_t started;
	const uintptr_t *made; /* its stream's, which is `token` while this file is made */
	uintptr_t token;
};

#define WRITER_IS_MADE 1u

/* Whoever sets `busy` has all the rest, until it is 0 again. Nobody waits for it. */
struct writer_stream {
	_Alignas(64) uint32_t busy;
	uint32_t owner; /* a thread; 0: none */
	uintptr_t made; /* WRITER_IS_MADE: files[which].map is there; 0 in a child, whose state is
			   zeroed; and who makes a file, by an address on its stack */
	uint32_t which; /* the file in use; the flight recorder has two */
	uint32_t full;
	_Alignas(8) uint64_t last; /* time */
	struct writer_file files[2];
};

/* Text that was written: where `number` is the same before and after, `hash` is of it. */
struct writer_known {
	_Alignas(8) uint64_t hash;
	uint32_t number; /* 0: none, or being written */
};

/* A mapped range of code. Written once, before it is counted. */
struct writer_object {
	uintptr_t start, end;
	uint64_t bias;   /* address - bias: the offset */
	uint32_t module; /* 0: no file's */
};

struct writer_state {
	_Alignas(8) uint64_t started;   /* 0: nothing was written */
	_Alignas(8) uint64_t discarded; /* and not yet counted in a head */
	uint32_t pid;
	uint32_t files;    /* numbers used in names of files */
	uint32_t failures; /* attempts at a stream that may go better another time */
	uint32_t metadata; /* are there, for this user + 1 */
	uint32_t stuck;    /* no further stream can be made */
	uint32_t full_told;
	uint32_t objects_busy, objects_count;
	uint32_t names_count; /* with names.busy */
	uint32_t hurried;     /* nobody waits for the first files any more */
	uint8_t hints[WRITER_HINTS];
	struct writer_stream names;
	struct writer_stream streams[WRITER_STREAMS];
	struct writer_known known[WRITER_NAME_SETS][WRITER_NAME_WAYS];
	struct writer_object objects[WRITER_OBJECTS];
	char line[4608]; /* of /proc/self/maps; with objects_busy */
};

/* Constant once tracing is on. */
struct writer_setup {
	char directory[4096];
	char program[48];
	uint64_t bytes;
	bool overwrite;
	bool by_pid; /* the state is not zeroed in every child: it may be another process's */
	bool deaf;   /* what is advised is not done, whatever is answered */
	size_t page;
	uint64_t device, inode; /* of the directory */
	void (*ended)(const char *why, const char *directory);
};

extern struct writer_state *writer_state;
extern struct writer_setup writer_setup;

/* Words for a negative number: an errno's or a trouble's. */
const char *writer_words(int trouble);

/* Ends tracing, and tells why, once. */
void writer_off(int trouble);
void writer_tell(int trouble);

/* At this process's first write it becomes known; later nothing. */
void writer_begin(struct writer_state *state);

/* Set by whichever thread begins. 0: nobody yet. */
static inline uint64_t writer_started(const struct writer_state *state)
{
	return __atomic_load_n(&state->started, __ATOMIC_RELAXED);
}

static inline uint32_t writer_pid(const struct writer_state *state)
{
	return __atomic_load_n(&state->pid, __ATOMIC_RELAXED);
}

/* What makes a process's streams its own; never used again. */
uint64_t writer_process(uint32_t pid, uint64_t started);

/* True in a vfork child: what it opened would be its own. */
bool writer_is_guest(const struct writer_state *state);

/* True where the state may be what a parent left, by a way that nobody told us of. */
static inline bool writer_is_barred(const struct writer_state *state)
{
	return __builtin_expect(writer_setup.by_pid, 0) && writer_pid(state) &&
	       writer_is_guest(state);
}

#endif
