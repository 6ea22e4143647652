/* SPDX-License-Identifier: MIT
 * lockshim-bench: what a preloaded process pays, as ratios from one run. Setups are ways to start
 * a program, rows compare a call in two of them, loads compare starting /bin/true. */
#ifndef LOCKSHIM_BENCH_H
#define LOCKSHIM_BENCH_H

#include "protocol.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum bench_preload {
	PRELOAD_NOTHING,
	PRELOAD_EMPTY,
	PRELOAD_SHIM,
	PRELOAD_LTTNG, /* flock with an LTTng tracepoint */
	PRELOAD_COUNT,
};

/* Which calls the shim should write to a trace. */
enum bench_tracing {
	TRACING_NOTHING,
	TRACING_ALL,     /* into streams that grow; renewed before they reach BENCH_TRACE_SIZE */
	TRACING_LATEST,  /* all, in the place of the oldest */
	TRACING_REFUSED, /* and no other */
};
#define BENCH_TRACE_SIZE "64M"
#define BENCH_TRACE_BYTES (64u << 20)
#define BENCH_RING_SIZE "16M"
#define BENCH_RING_BYTES (16u << 20)

/* Tracers that are not ours. */
enum bench_tracer {
	TRACER_NONE,
	TRACER_STRACE,
	TRACER_LTRACE,
	TRACER_PERF,
	TRACER_LTTNG,
	TRACER_COUNT,
};

/* What a rule can name; filled in once the directory of the locked files is known. */
enum bench_value {
	VALUE_MOUNT,       /* where the file system of the locked files is mounted */
	VALUE_OTHER_MOUNT, /* another mount point */
	VALUE_FSTYPE,
	VALUE_GLOB, /* the locked files */
	VALUE_NOBODY,
	VALUE_COUNT,
};

enum bench_setup_id {
	SETUP_BARE,
	SETUP_EMPTY,
	SETUP_NO_POLICY,
	SETUP_SET,
	SETUP_RECORDS,
	SETUP_RULE,
	SETUP_NOBODY,
	SETUP_FILESYSTEM,
	SETUP_OTHER,
	SETUP_PATH,
	SETUP_FSTYPE,
	SETUP_1000_FILESYSTEM,
	SETUP_1000_PATH,
	SETUP_1000_FSTYPE,
	SETUP_TRACED,
	SETUP_TRACED_SET,
	SETUP_TRACED_RECORDS,
	SETUP_TRACED_MEMORY,
	SETUP_TRACED_RING,
	SETUP_CONTENDED,
	SETUP_ERRORS,
	SETUP_LOGGED,
	SETUP_FLUSHED,
	SETUP_FREE_FLUSHED,
	SETUP_LTTNG,
	SETUP_FREE,
	SETUP_FREE_TRACED,
	SETUP_FREE_LTTNG,
	SETUP_PERF,
	SETUP_STRACE,
	SETUP_LTRACE,
	SETUP_COUNT,
};

struct bench_setup {
	const char *name;
	enum bench_preload preload;
	bool converts;          /* flock becomes an OFD lock */
	const char *set;        /* LOCKSHIM_SET */
	unsigned rules;         /* of its policy file; 0: no policy file */
	const char *key;        /* match key of the rules; NULL: none */
	enum bench_value value; /* what the last rule names */
	const char *miss;       /* what the others name, with their number after it */
	enum bench_tracing tracing;
	bool in_memory; /* its trace lies on config.memory */
	bool logs;      /* LOCKSHIM_LOG, to a file */
	enum bench_tracer tracer;
	bool roams; /* on any CPU, as a tracer beside it does */
};

/* ratio = call in setup / base_call in base; limit 0: none. Times are CPU times of the worker's
 * thread, and where a setup roams the clock's: what a tracer does in another process is in no CPU
 * time of the worker's. */
struct bench_row {
	const char *name, *text;
	enum bench_setup_id setup;
	enum bench_call call;
	enum bench_setup_id base;
	enum bench_call base_call;
	double limit;
};

/* ratio = (start in setup - start bare) / (start with the empty object - start bare). */
struct bench_load {
	const char *name, *text;
	enum bench_setup_id setup;
	double limit;
};

extern const struct bench_setup bench_setups[SETUP_COUNT];
extern const struct bench_row bench_rows[];
extern const size_t bench_rows_count;
extern const struct bench_load bench_loads[];
extern const size_t bench_loads_count;

struct bench_config;
/* Whether the row or load of this name is asked for, and whether one that is needs this setup. */
bool rows_want(const struct bench_config *config, const char *name);
bool rows_want_setup(const struct bench_config *config, enum bench_setup_id setup);

struct bench_config {
	const char *object[PRELOAD_COUNT]; /* absolute paths */
	const char *worker;
	const char *only;   /* rows and loads with this number; NULL: all */
	const char *base;   /* directory that ours is made in */
	const char *memory; /* the same, for traces that no disk shall see */
	int cpu;            /* -1: not pinned */
	int rounds, slice, loads;
	bool quick, json, strict, help;
	bool first; /* scheduled before all ordinary processes */
};

/* Takes one CPU, and tries to come before all others. Children inherit it. */
void cpu_take(struct bench_config *config);
/* For children started in between: any CPU. */
void cpu_let_go(void);
void cpu_take_again(const struct bench_config *config);

/* Fills in what the command line says; ends the program where that is wrong, or asks for help. */
void options_take(struct bench_config *config, int argc, char **argv);

/* Our directory, and what the rules name. */
struct bench_place {
	char dir[PATH_MAX];
	char memory[PATH_MAX]; /* empty: could not be made */
	char text[VALUE_COUNT][PATH_MAX];
	char *policy[SETUP_COUNT]; /* path of its policy file; NULL: none */
};

/* Makes our directories and all policy files. 0, or -1 with the cause said. */
int place_make(struct bench_place *place, const struct bench_config *config);
void place_remove(struct bench_place *place);
void place_remove_tree(const char *path);

/* A whole environment for a setup: nothing of ours is inherited. Released by free(). NULL: none. */
char **place_environment(const struct bench_place *place, const struct bench_config *config,
			 enum bench_setup_id setup);

/* The directory of a setup's trace, released by free(); NULL where it has none. */
char *place_trace(const struct bench_place *place, enum bench_setup_id setup);

struct bench_worker {
	enum bench_setup_id setup;
	const struct bench_place *place;
	const struct bench_config *config;
	pid_t pid;
	int fd;
	uint64_t calls;    /* that it made and that a trace should have */
	char problem[160]; /* why it cannot be measured; empty where it can */
};

/* Puts the problem down. Returns -1. */
int worker_give_up(struct bench_worker *worker, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Starts a worker in each setup, and sees that the object is mapped there and that flock takes
 * the family it should. What does not hold stands in the worker's problem. */
void workers_start(struct bench_worker *workers, const struct bench_place *place,
		   const struct bench_config *config);
void workers_stop(struct bench_worker *workers);

/* One request; 0, or -1 with the worker's problem filled. */
int worker_ask(struct bench_worker *worker, const struct bench_request *request,
	       struct bench_reply *ret);

/* One slice. Nanoseconds a pair, or -1 with the worker's problem filled. */
double worker_slice(struct bench_worker *worker, enum bench_call call, unsigned count);

/* Whether a worker that was just started is what its setup says. 0, or -1 with its problem. */
int worker_check(struct bench_worker *worker, const char *lock_file);

/* Whether the trace of a worker that has ended holds what it did; then removes it. */
int trace_check(struct bench_worker *worker);

/* How many slices of a tracer's worker take as long as one of the others'. */
#define TRACER_SLICES 50

/* The command line that runs PROGRAM under a tracer that is one, writing to OUTPUT. */
#define TRACER_WORDS 10
void tracer_command(enum bench_tracer tracer, const char *output, const char *program,
		    const char *lock_file, const char *ret[TRACER_WORDS]);
/* Debian's, that has it. */
const char *tracer_package(enum bench_tracer tracer);
/* How many lines of OUTPUT tell of a flock. */
unsigned long tracer_count(const char *output);

/* A session daemon of our own and a session for all setups of TRACER_LTTNG. What is in the way goes
 * into the problems of their workers; so does, when it is stopped, a trace that lacks events. */
void lttng_start(struct bench_worker *workers, const struct bench_place *place);
void lttng_stop(struct bench_worker *workers, const struct bench_place *place);

/* One line of the table. */
struct bench_result {
	const char *name, *text, *problem; /* problem NULL: measured */
	bool foreign;                      /* and it is a tracer's that is not ours */
	double ns, base_ns, ratio, q1, q3, limit;
};

/* Fill one result a row or load. 0, or -1 where there is no memory. */
int rows_measure(struct bench_result *results, struct bench_worker *workers,
		 const struct bench_config *config);
/* Once the workers have ended: what is wrong with what they left. */
void rows_report(struct bench_result *results, const struct bench_worker *workers);
int loads_measure(struct bench_result *results, const struct bench_worker *workers,
		  const struct bench_place *place, const struct bench_config *config);

void report_text(const struct bench_result *results, size_t count, const struct bench_place *place,
		 const struct bench_config *config);
void report_json(const struct bench_result *results, size_t count, const struct bench_place *place,
		 const struct bench_config *config);
static inline bool result_is_over(const struct bench_result *result)
{
	return !result->problem && result->limit > 0 && result->ratio > result->limit;
}

/* The value below which the share Q of the COUNT > 0 values lies; sorts them. */
double stats_quantile(double *values, size_t count, double q);
/* A random order of 0..count-1. */
void stats_shuffle(unsigned *order, unsigned count);

#endif
