/* SPDX-License-Identifier: MIT
 * Who is stuck, and who is part of a cycle, from what was published and from what is held. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "shim/deadlock_graph.h"

/* "A1": process A waits for file 1 exclusively, or holds it so; "a1": shared. A process that stands
 * twice among those that wait has two threads. */
struct row {
	const char *waits; /* pairs of process and file, the first is the one that asks */
	const char *holds; /* pairs of process and file */
	const char *runs;  /* processes with a thread that does not wait */
	bool reaches, cycle;
};

static const struct row rows[] = {
	{ "A1", "A0", "", false, false },
	{ "A1 B0", "A0 B1", "", true, true },
	{ "A1 B0", "A0 B1", "B", true, false },
	{ "A1 B0", "A0 B1", "A", true, false },
	{ "A1 B2 C0", "A0 B1 C2", "", true, true },
	{ "A1 B2 C0", "A0 B1 C2", "C", true, false },
	{ "A1 B2", "A0 B1 C2", "", false, false },
	/* It waits for a cycle, and is none of it. */
	{ "A1 B2 C1", "A0 B1 C2", "", false, false },
	/* Two threads: both have to wait for stuck ones. */
	{ "A1 B0 B3", "A0 B1 C3", "", true, false },
	{ "A1 B0 B3", "A0 A3 B1", "", true, true },
	{ "A1 B0 B3 C0", "A0 B1 C3", "", true, true },
	/* One of two readers is enough. */
	{ "A1 B0", "A0 b1 c1", "C", true, true },
	{ "a1 B0", "A0 b1", "", false, false },
	{ "a1 b0", "A0 B1", "", true, true },
};

static struct deadlock_graph *graph;

static int process_of(char letter)
{
	return (letter | 32) - 'a';
}

static void add_holdings(struct state_wait *wait, const char *holds, char letter)
{
	for (; *holds; holds += strspn(holds + 2, " ") + 2) {
		if (process_of(*holds) != process_of(letter))
			continue;
		wait->holdings[wait->count++] = (struct state_holding){
			.inode = (uint64_t)(holds[1] - '0'),
			.end = INT64_MAX,
			.type = *holds >= 'a' ? F_RDLCK : F_WRLCK,
			.fd = holds[1],
		};
	}
}

static void publish(const struct row *row)
{
	const char *waits = row->waits;
	struct sight *sight;

	memset(graph, 0, sizeof *graph);
	for (; *waits; waits += strspn(waits + 2, " ") + 2) {
		sight = &graph->sights[graph->sights_count++];
		sight->owner = (uint32_t)process_of(*waits) + 1;
		sight->is.inode = (uint64_t)(waits[1] - '0');
		sight->is.end = INT64_MAX;
		sight->is.type = *waits >= 'a' ? F_RDLCK : F_WRLCK;
		sight->is.fd = waits[1];
		add_holdings(&sight->is, row->holds, *waits);
	}
}

/* As gather() does from the kernel. */
static void hold(const struct row *row)
{
	unsigned place, i;

	for (place = 0; place < graph->processes_count; place++) {
		struct graph_process *process = &graph->processes[place];
		const char letter = (char)('A' + process->pid - 1);
		struct state_wait held = { 0 };

		add_holdings(&held, row->holds, letter);
		process->first = graph->held_count;
		process->count = held.count;
		for (i = 0; i < held.count; i++)
			graph->held[graph->held_count++] = (struct held){
				.is = held.holdings[i],
				.mark = (uint64_t)process->pid * 16 + i + 1,
			};
		process->stuck = !strchr(row->runs, letter);
	}
}

static void test_deadlock_graph_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		publish(&rows[i]);
		if (graph_reaches(graph) != rows[i].reaches)
			fail_msg("%s | %s: reaches", rows[i].waits, rows[i].holds);
		hold(&rows[i]);
		if (graph_is_cycle(graph) != rows[i].cycle)
			fail_msg("%s | %s | %s: cycle", rows[i].waits, rows[i].holds, rows[i].runs);
	}
}

static void test_deadlock_graph_takes_what_is_loose_for_free(void **state)
{
	static const struct row two = { "A1 B0", "A0 B1", "", true, true };

	(void)state;
	publish(&two);
	assert_true(graph_reaches(graph));
	hold(&two);
	graph->held[1].loose = true;
	assert_false(graph_is_cycle(graph));
	hold(&two);
	graph->sights[1].satisfied = true;
	assert_false(graph_is_cycle(graph));
}

/* More processes than fit: not judged. */
static void test_deadlock_graph_of_too_many(void **state)
{
	unsigned i;

	(void)state;
	memset(graph, 0, sizeof *graph);
	graph->sights_count = GRAPH_PROCESSES + 1;
	for (i = 0; i < graph->sights_count; i++) {
		struct state_wait *wait = &graph->sights[i].is;

		graph->sights[i].owner = i + 1;
		wait->inode = (i + 1) % graph->sights_count;
		wait->type = F_WRLCK;
		wait->count = 1;
		wait->holdings[0] = (struct state_holding){ .inode = i, .type = F_WRLCK };
	}
	assert_false(graph_reaches(graph));
	graph->sights[0].is.count = ~0u;
	assert_false(graph_reaches(graph));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadlock_graph_rows),
		cmocka_unit_test(test_deadlock_graph_takes_what_is_loose_for_free),
		cmocka_unit_test(test_deadlock_graph_of_too_many),
	};

	graph = malloc(sizeof *graph);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
