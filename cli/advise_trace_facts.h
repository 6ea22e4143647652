/* SPDX-License-Identifier: MIT
 * What a trace tells of each program on each file, as far as a policy hangs on it. Memory goes with
 * files and processes, not with records. */
#ifndef CLI_ADVISE_TRACE_FACTS_H
#define CLI_ADVISE_TRACE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/reader.h"

enum advise_count {
	ADVISE_FLOCKS,       /* granted, or refused because of another */
	ADVISE_EXCLUSIVE,    /* of those */
	ADVISE_READ_ONLY,    /* of the exclusive ones: through a descriptor open for reading */
	ADVISE_CONTENDED,    /* of the flocks: waited or were refused */
	ADVISE_UPGRADES,     /* of the exclusive ones: over a shared lock */
	ADVISE_UPGRADES_MET, /* of those: waited or were refused */
	ADVISE_UPGRADES_LOST,
	ADVISE_INHERITED,   /* of the flocks: another process may have the description */
	ADVISE_HANDED,      /* flocks let go by a process that had not taken them */
	ADVISE_RECORDS,     /* by fcntl and lockf: as ADVISE_FLOCKS */
	ADVISE_RECORDS_CUT, /* lost with a descriptor that they were not taken through */
	ADVISE_RECORDS_INHERITED,
	ADVISE_OFDS,        /* by OFD calls: as ADVISE_FLOCKS */
	ADVISE_OFDS_SHARED, /* granted to one process while another held it by the same description
			     */
	ADVISE_OFDS_BOUND,  /* what a POSIX lock would have lost or let in: closes, second opens */
	ADVISE_MIXED,       /* processes that took both flock and record locks on the file */
	ADVISE_COUNTS,
};

struct advise_file {
	uint64_t device, inode;
	const char *path; /* NULL: not known */
	uint64_t meets; /* times that flock and a record lock of two processes were held at once */
	uint64_t outside; /* flocks that waited or were refused and no traced process was the cause
			   */
	bool apart;       /* flock and record locks were taken, by different processes */
	bool upgraders;   /* several upgraded */
};

struct advise_program {
	const char *name; /* "": not known */
	uint64_t processes;
};

/* One program on one file. */
struct advise_use {
	const struct advise_program *program;
	struct advise_file *file;
	bool wanted;
	uint64_t of[ADVISE_COUNTS];
};

struct advise_facts;

struct advise_facts *advise_facts_new(void);
/* Records by their time, all of them: others tell of a wanted one's file too. */
void advise_facts_take(struct advise_facts *facts, const struct trace_record *record, bool wanted);
/* Nothing comes any more. */
void advise_facts_end(struct advise_facts *facts);

/* All of the trace. Valid after the end. */
struct advise_whole {
	uint64_t records, first, last; /* of all; times as in a record */
	uint64_t processes;
	uint64_t free;            /* grants without a wait; none under trace = contended */
	uint64_t converted;       /* records of calls that a rule had changed */
	struct advise_use **uses; /* the wanted ones, by program and device */
	size_t uses_count;
};
const struct advise_whole *advise_facts_whole(struct advise_facts *facts);

#endif
