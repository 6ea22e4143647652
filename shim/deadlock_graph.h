/* SPDX-License-Identifier: MIT
 * Who waits for whom: first as the waits were published, then as the kernel shows it. No system
 * call here but kcmp. */
#ifndef LOCKSHIM_DEADLOCK_GRAPH_H
#define LOCKSHIM_DEADLOCK_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/deadlock_held.h"
#include "shim/state_layout.h"

/* A published wait, copied. */
struct sight {
	uint32_t *record;
	uint32_t owner, sequence;
	int process;    /* its place in struct deadlock_graph; -1: not reached */
	uint64_t mark;  /* of the description that it waits through */
	bool satisfied; /* it has what it asks for */
	bool seen;      /* its thread is there */
	struct state_wait is;
};

#define GRAPH_PROCESSES 64
#define GRAPH_HELD 512

struct graph_process {
	int pid;
	uint64_t started;
	char name[16];
	unsigned first, count; /* in held */
	uint64_t activity;     /* of its threads: the same as long as none of them ran */
	bool stuck;
	int from;    /* the process whose wait led here; -1: none */
	int through; /* that wait's sight */
};

struct deadlock_graph {
	unsigned sights_count, processes_count, held_count;
	struct sight sights[STATE_WAITS];
	struct graph_process processes[GRAPH_PROCESSES];
	struct held held[GRAPH_HELD];
	char text[HELD_TEXT];
};

/* As published: true where what ME's process (sight 0 is ME) waits for, on and on, comes back to
 * it. Then all that can be reached are in `processes`, that process first. */
bool graph_reaches(struct deadlock_graph *graph);

/* With `held`, marks and `stuck` from the kernel: takes `stuck` from who could still be let on, and
 * is true where sight 0 is part of a cycle of stuck processes. `from` and `through` tell it. */
bool graph_is_cycle(struct deadlock_graph *graph);

/* Whether two descriptors are one description: 1, 0, or -errno where it can't be told. */
int graph_same_description(int pid, int fd, int other_pid, int other_fd);

#endif
