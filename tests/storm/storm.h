/* SPDX-License-Identifier: MIT
 * What judge, outsider and hosts of the storm share: two files with a counter each, and a ledger in
 * which everybody writes down what they did. */
#ifndef LOCKSHIM_TESTS_STORM_H
#define LOCKSHIM_TESTS_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum storm_file { FILE_COUNTER, FILE_OTHER, FILE_COUNT };

/* A page of each file. Written under LOCK_EX only, and never at once: whoever is let in between
 * loses an update or meets an owner. */
struct pair {
	uint64_t first, second; /* equal while nobody holds LOCK_EX */
	uint32_t owner;         /* the number of the slot whose turn it is, plus one */
};

enum tally {
	TALLY_LOOKS,   /* checks under LOCK_SH */
	TALLY_REFUSED, /* EWOULDBLOCK */
	TALLY_EINTR,
	TALLY_EVENTS, /* what the row is about: forks, handlers, cancellations … */
	TALLY_MENDED, /* turns of killed holders, ended by the next */
	TALLY_FAULTS,
	TALLY_COUNT,
};

enum fault_kind {
	FAULT_OVERLAP, /* a: the owner met, b: by slot */
	FAULT_TORN,    /* a, b: the two words */
	FAULT_CHANGED, /* a: before, b: after, under a lock */
	FAULT_ANSWER,  /* a: operation, b: errno */
	FAULT_STAYED,  /* a lock after its unlock; a: descriptor */
	FAULT_CANCEL,  /* flock was a cancellation point, or cancel never acted */
	FAULT_CHILD,   /* a: status of a child */
	FAULT_CALL,    /* a: errno of another call */
	FAULT_KINDS,
};

struct fault {
	uint32_t row, kind;
	uint64_t a, b;
};

/* One actor's page in the ledger: a thread, a signal handler, a child. Nobody else writes it, but
 * for the turn of one that was killed. */
struct slot {
	uint32_t row;
	uint32_t pid;          /* of a host; 0: of another actor */
	uint32_t doomed;       /* a SIGKILL is on its way: its turn may end anywhere */
	uint32_t file;         /* of the turn under way */
	uint64_t base, intent; /* its own count before the turn; what the counter becomes */
	uint64_t count[FILE_COUNT];
	uint64_t tally[TALLY_COUNT];
} __attribute__((aligned(64)));

#define SLOTS 8192
#define FAULTS_KEPT 32

struct ledger {
	uint64_t seed;
	uint32_t stop;
	uint32_t by_process; /* flock = posix: a lock belongs to the process */
	uint32_t keeps;      /* upgrade = atomic: the shared lock stays until the exclusive one */
	uint32_t slots_used, faults_used;
	struct fault faults[FAULTS_KEPT];
	struct slot slots[SLOTS];
};

/* This process's view. Filled by storm_map(). */
struct storm {
	char place[256];
	char path[FILE_COUNT][288];
	struct ledger *ledger;
	struct pair *pair[FILE_COUNT];
};
extern struct storm storm;

struct actor {
	struct slot *slot;
	uint32_t number;
	uint64_t random;
	bool interrupted; /* a handler without SA_RESTART: EINTR is an answer */
};

/* Maps the files of PLACE, with MAKE new ones. Fails the program. */
void storm_map(const char *place, bool make);
bool storm_over(void);

/* An actor of ROW with a slot of its own; or one for a slot that another process chose. */
struct actor actor_new(unsigned row);
struct actor actor_at(uint32_t number);

/* All of these are safe in a signal handler, after fork and in a vfork child. */
unsigned actor_random(struct actor *actor, unsigned below);
void actor_tally(struct actor *actor, enum tally what);
void actor_fault(struct actor *actor, enum fault_kind kind, uint64_t a, uint64_t b);
/* Lets others run, while nothing is held. */
void actor_rest(struct actor *actor);

/* The two halves of an increment by one who holds LOCK_EX; the second may be another process's. */
void turn_begin(struct actor *actor, enum storm_file file);
void turn_end(struct actor *actor);
void turn_whole(struct actor *actor, enum storm_file file);
/* By one who holds LOCK_SH: both words equal and steady. Gives the counter. */
uint64_t turn_look(struct actor *actor, enum storm_file file);
/* Ends the turn that a killed holder left behind, if there is one. For LOCK_EX, or at the end. */
void turn_mend(struct actor *actor, enum storm_file file);

/* Other threads and processes write these words, with nothing but the lock between; relaxed, so
 * that the thread sanitizer learns no order from them. A killed process has done what came before
 * in program order, which the fence keeps. */
#define GET(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
#define PUT(word, value)                                                                           \
	do {                                                                                       \
		__atomic_store_n(&(word), (value), __ATOMIC_RELAXED);                              \
		__atomic_signal_fence(__ATOMIC_SEQ_CST);                                           \
	} while (0)

#endif
