/* SPDX-License-Identifier: MIT
 * For trace and log: which file a descriptor number is, and since when it holds flock's lock. A
 * memory that decides nothing, and may lag behind a close that we don't see. */
#ifndef LOCKSHIM_WATCH_FILE_H
#define LOCKSHIM_WATCH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shim/start.h"
#include "trace/writer.h"

/* Of a call that is answered at once and as it was asked. */
enum watch_common {
	WATCH_SLOW,  /* more than is written here */
	WATCH_BRIEF, /* trace = all, and nothing else: a brief record */
	WATCH_QUIET, /* trace = contended or errors, and nothing else: none */
};

/* A brief record behind its time, as what can be loaded and stored at once. */
typedef unsigned long __attribute__((may_alias)) watch_word;
#define WATCH_WORDS (sizeof(struct trace_brief) / sizeof(long))
#define WATCH_WORDS_FROM (offsetof(struct trace_brief, id) / sizeof(long))
struct watch_words {
	watch_word at[WATCH_WORDS];
};

/* Two numbers, compared at once where a word has room for both. */
struct watch_pair {
	watch_word at[8 / sizeof(long)];
};

static inline struct watch_pair watch_pair_of(const void *both)
{
	struct watch_pair ret;

	memcpy(&ret, both, sizeof ret);
	return ret;
}

static inline struct watch_pair watch_pair_load(const struct watch_pair *from)
{
	struct watch_pair ret;

#pragma GCC unroll 2
	for (unsigned i = 0; i < sizeof ret / sizeof *ret.at; i++)
		ret.at[i] = __atomic_load_n(&from->at[i], __ATOMIC_RELAXED);
	return ret;
}

/* The brief record that was last written of a kind of call: the next like it differs in thread and
 * time alone. */
struct watch_template {
	const void *site;        /* that the program called from; NULL: none was written */
	struct watch_pair names; /* of struct watch_file */
	struct watch_pair call;  /* watch_template_call() */
	uint32_t kind;           /* watch_template_kind() */
	uint32_t turn;           /* odd: it is being written */
	struct watch_words words;
} __attribute__((aligned(64)));

/* Flags and descriptor number. */
static inline struct watch_pair watch_template_call(const struct trace_event *event)
{
	_Static_assert(offsetof(struct trace_event, fd) == offsetof(struct trace_event, flags) + 4,
		       "read as one");
	return watch_pair_of(&event->flags);
}

/* One open file description as far as this process knows it: duplicates share it. */
struct watch_file {
	uint64_t device, inode; /* device: major << 32 | minor */
	uint64_t checked;       /* when they were last asked for */
	uint64_t epoch;         /* trace_epoch() of the names */
	uint64_t granted;       /* flock's lock: since when; 0: none */
	uint32_t path, rule;    /* numbers of trace_name() */
	uint32_t forks;         /* of this process when the description was first seen */
	uint8_t exclusive;      /* of the granted lock */
	uint8_t used;           /* its family: enum trace_family */
	uint8_t recorded;       /* enum watch_sink: which sinks have its grant */
	uint8_t trace, log;     /* enum policy_record_value: what the rule wants told */
	uint8_t shadow;
	uint8_t ofd_looks; /* that are still due at the program's own OFD calls */
	uint8_t quick;     /* enum watch_common: what is to be told of the common call */
	uint8_t read_only;
	uint8_t locked;          /* this process itself locked through it */
	uint8_t inherited;       /* it came from another process */
	struct watch_pair names; /* path and rule, and as much of `epoch` as fits */
	int numbers;             /* how many descriptor numbers have it */
	/* Left as they were in a place that is given back: another thread may still look at it. */
	const struct policy_actions *actions; /* of the rule that the file falls under */
	const struct policy_rule *by;         /* that rule; NULL: none */
	struct watch_template template[2];    /* of what lets go, and of what locks */
} __attribute__((aligned(128)));

/* By number, and by place: 0 is none. */
#define WATCH_NUMBERS 4096
#define WATCH_FILES 4096
struct watch_tables {
	struct watch_file files[WATCH_FILES];
	uint16_t file_of[WATCH_NUMBERS];
};
extern struct watch_tables *watch_tables;

/* Once is enough; from any call. False without memory. */
bool watch_file_start(void);
/* At load: forks are seen from then on. */
void watch_file_follow_forks(void);

/* The file of FD, asked of the kernel where it is not known or was last asked for a second before
 * NOW. NULL where there is none (a bad descriptor) or no room; `spare` is for numbers too large to
 * be remembered. */
struct watch_file *watch_file_of(const struct shim_state *state, int fd, uint64_t now,
				 struct watch_file *spare);

/* The same where it is known; asks nothing. */
static inline struct watch_file *watch_file_known(int fd)
{
	struct watch_tables *at = __atomic_load_n(&watch_tables, __ATOMIC_ACQUIRE);
	unsigned place;

	if (!at || (unsigned)fd >= WATCH_NUMBERS)
		return NULL;
	place = __atomic_load_n(&at->file_of[fd], __ATOMIC_ACQUIRE);
	return place ? &at->files[place] : NULL;
}

#define WATCH_FRESH UINT64_C(1000000000)

/* True where what is known need not be asked for again. */
static inline bool watch_file_is_fresh(const struct watch_file *file, uint64_t now)
{
	return now - file->checked < WATCH_FRESH && file->epoch == trace_epoch();
}

/* How often this process forked. */
extern uint32_t watch_forks;

/* True where another process may have the description by now. */
static inline bool watch_file_is_shared(const struct watch_file *file)
{
	return file->inherited | (file->forks != __atomic_load_n(&watch_forks, __ATOMIC_RELAXED));
}

/* Call and operation, what became of it, and what else a record tells of the file. */
static inline uint32_t watch_template_kind(const struct trace_event *event,
					   const struct watch_file *file, unsigned families)
{
	uint16_t call;

	_Static_assert(offsetof(struct trace_event, operation) ==
			       offsetof(struct trace_event, call) + 1,
		       "read as one");
	memcpy(&call, &event->call, sizeof call);
	return call | families << 16 | (unsigned)watch_file_is_shared(file) << 24 |
	       (unsigned)file->read_only << 25;
}

/* The next watch_file_of() asks. */
void watch_file_recheck(int fd);

/* FROM was duplicated to TO; nothing where that failed (negative), nor in a vfork child. */
void watch_file_copied(int from, int to);

/* FD is about to be closed. What its description was, where it is the last number of that, to be
 * given to watch_file_end(); else NULL. */
struct watch_file *watch_file_closed(int fd);
void watch_file_end(struct watch_file *file);

/* False in a vfork child, whose memory is its parent's but whose descriptors are not. */
bool watch_file_is_own(void);

/* The first number from AT on that is known; -1: none. */
int watch_file_next(int at);

#endif
