/* SPDX-License-Identifier: MIT
 * What a report says of a trace, made in one pass. Memory goes with files, programs, call sites and
 * processes, not with records. */
#ifndef CLI_REPORT_MODEL_H
#define CLI_REPORT_MODEL_H

#include "cli/filter.h"
#include "cli/histogram.h"
#include "cli/holders.h"
#include "cli/index.h"

enum cli_report_by { CLI_BY_FILE, CLI_BY_PROGRAM, CLI_BY_SITE, CLI_BY_COUNT };

/* A file, a program or a call site. */
struct cli_report_row {
	struct cli_index_key key;
	const char *name;       /* of a site: its module, or NULL */
	uint64_t offset;        /* of a site */
	uint64_t device, inode; /* of a file: the last that had the name */
	uint64_t requests;      /* answered ones */
	uint64_t granted;
	uint64_t contended;        /* waited, or were refused since others held the lock */
	uint64_t refused;          /* the latter */
	uint64_t waiting;          /* not answered by the end of the trace */
	uint64_t errors;           /* other answers that are no success */
	uint32_t hazards;          /* bits 1 << enum trace_hazard */
	struct cli_histogram wait; /* of requests that waited */
	struct cli_histogram hold; /* of spans of holding */
};

/* A waiter or a holder. */
struct cli_report_party {
	uint32_t id;         /* its own; 0: nobody knows who */
	uint32_t pid;        /* 0: all processes of the program */
	const char *program; /* NULL: a process that was not traced */
	uint32_t of_program; /* the id that all of its program have */
};

/* Who waited for whom at one file. Of very many pairs the later ones are told by the waiter's
 * program, and of still more by both's. */
struct cli_report_pair {
	struct cli_index_key key;
	struct cli_report_party waiter, holder;
	const char *file;
	uint64_t times, total, longest;
	uint64_t last, latest; /* the number of the last wait, and its length so far */
};

enum { CLI_REPORT_HOLDERS = 3 };

/* A request that was not answered by the end of the trace. */
struct cli_report_pending {
	struct cli_wait wait;
	struct cli_report_party waiter;
	const char *file;
	uint64_t waited;
	bool dead; /* nor will be: its process is gone */
	/* Who is in the way: the first of them. */
	struct cli_report_party holders[CLI_REPORT_HOLDERS];
	size_t holders_count; /* of all */
};

struct cli_report_cycle_step {
	struct cli_report_party party;
	uint32_t tid;
	const char *file; /* what it waits for; the next one holds it */
};

/* Processes that waited for each other; or one that was answered EDEADLK. */
struct cli_report_cycle {
	struct cli_index_key key;
	uint64_t first, times;
	bool refused; /* the latter: one step */
	size_t count;
	struct cli_report_cycle_step *steps;
};

struct cli_report_hazard {
	struct cli_index_key key;
	unsigned hazard; /* enum trace_hazard */
	const char *program, *file;
	uint64_t first, times;
};

/* All processes of its program in its place. */
struct cli_report_party cli_report_party_of_program(struct cli_report_party party);

struct cli_report_process;

struct cli_report_model {
	enum cli_report_by by;
	uint64_t begin, end, events, processes;
	bool cycles_cut; /* there were more than are kept */
	struct cli_index rows, pairs, cycles, hazards;
	struct cli_report_pending *pending;
	size_t pending_count, pending_room;
	/* Inside. */
	struct cli_report_pending
		latest; /* the wait that was told of last, as far as it is known */
	struct cli_report_pair *last_pair;
	struct cli_index files, programs, pids;
	struct cli_holders *holders;
};

/* Zeroed but for `by`. */
void cli_report_model_begin(struct cli_report_model *model);

/* The next record by time. WANTED: by the filter. What the others do to locks is still seen. */
void cli_report_model_take(struct cli_report_model *model, const struct trace_record *record,
			   bool wanted);

void cli_report_model_end(struct cli_report_model *model);

/* Whether a report that is filtered speaks of what begins by RECORD. A wait is taken for the
 * request that it becomes, however long. */
bool cli_report_wants(struct cli_filter *filter, const struct trace_record *record);

/* All of an index as a list that ends in NULL, in the order of COMPARE. */
void *cli_report_model_sorted(const struct cli_index *index,
			      int (*compare)(const void *one, const void *other));

#endif
