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

enum bench_preload { PRELOAD_NOTHING, PRELOAD_EMPTY, PRELOAD_SHIM, PRELOAD_COUNT };

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
};

/* ratio = call in setup / base_call in base; limit 0: none. */
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

struct bench_config {
	const char *object[PRELOAD_COUNT]; /* absolute paths */
	const char *worker;
	const char *base; /* directory that ours is made in */
	int cpu;          /* -1: not pinned */
	int rounds, slice, loads;
	bool quick, json, strict, help;
	bool first; /* scheduled before all ordinary processes */
};

/* Fills in what the command line says; ends the program where that is wrong, or asks for help. */
void options_take(struct bench_config *config, int argc, char **argv);

/* Our directory, and what the rules name. */
struct bench_place {
	char dir[PATH_MAX];
	char text[VALUE_COUNT][PATH_MAX];
	char *policy[SETUP_COUNT]; /* path of its policy file; NULL: none */
};

/* Makes a directory under BASE and all policy files in it. 0, or -1 with the cause said. */
int place_make(struct bench_place *place, const char *base);
void place_remove(struct bench_place *place);

/* A whole environment for a setup: nothing of ours is inherited. Released by free(). NULL: none. */
char **place_environment(const struct bench_place *place, const struct bench_config *config,
			 enum bench_setup_id setup);

struct bench_worker {
	pid_t pid;
	int fd;
	char problem[120]; /* why it cannot be measured; empty where it can */
};

/* Starts a worker in each setup, and sees that the object is mapped there and that flock takes
 * the family it should. What does not hold stands in the worker's problem. */
void workers_start(struct bench_worker *workers, const struct bench_place *place,
		   const struct bench_config *config);
void workers_stop(struct bench_worker *workers);

/* One slice. Nanoseconds a pair, or -1 with the worker's problem filled. */
double worker_slice(struct bench_worker *worker, enum bench_call call, unsigned count);

/* One line of the table. */
struct bench_result {
	const char *name, *text, *problem; /* problem NULL: measured */
	double ns, base_ns, ratio, q1, q3, limit;
};

/* Fill one result a row or load. 0, or -1 where there is no memory. */
int rows_measure(struct bench_result *results, struct bench_worker *workers,
		 const struct bench_config *config);
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
