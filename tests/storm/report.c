/* SPDX-License-Identifier: MIT
 * The table, and the verdict. */
#include <inttypes.h>
#include <stdio.h>

#include "tests/storm/judge.h"

static const char *const fault_texts[FAULT_KINDS] = {
	[FAULT_OVERLAP] = "two held it: met slot %" PRIu64 ", by slot %" PRIu64,
	[FAULT_TORN] = "torn: %" PRIu64 " and %" PRIu64,
	[FAULT_CHANGED] = "changed under a lock: %" PRIu64 ", then %" PRIu64,
	[FAULT_ANSWER] = "flock with operation %" PRIu64 ": errno %" PRIu64,
	[FAULT_STAYED] = "a lock stayed on descriptor %" PRIu64 "%.0" PRIu64,
	[FAULT_CANCEL] = "cancelled at stage %" PRIu64 ", joined with error %" PRIu64,
	[FAULT_CHILD] = "a child ended with status %" PRIu64 "%.0" PRIu64,
	[FAULT_CALL] = "a call failed: errno %" PRIu64 "%.0" PRIu64,
};

struct sums {
	uint64_t turns, tally[TALLY_COUNT];
};

static struct sums sum_row(unsigned row)
{
	const struct ledger *ledger = storm.ledger;
	struct sums sums = { 0 };
	uint32_t i;
	int t;

	for (i = 0; i < ledger->slots_used; i++) {
		const struct slot *slot = &ledger->slots[i];

		if (slot->row != row)
			continue;
		sums.turns += slot->count[FILE_COUNTER] + slot->count[FILE_OTHER];
		for (t = 0; t < TALLY_COUNT; t++)
			sums.tally[t] += slot->tally[t];
	}
	return sums;
}

/* A row that was not disturbed proves nothing. */
static const char *idle(const struct row *row, const struct sums *sums)
{
	if (row->flags & ROW_LOOKS ? !sums->tally[TALLY_LOOKS] : !sums->turns)
		return "never had the lock";
	if (row->flags & ROW_EVENTS && !sums->tally[TALLY_EVENTS])
		return "never did what it is for";
	if (row->flags & ROW_INTERRUPTED && !sums->tally[TALLY_EINTR])
		return "never met EINTR";
	return NULL;
}

static int print_row(const struct judge *judge, unsigned row)
{
	const char *why = judge_leaves_out(judge, &rows[row]), *wrong;
	struct sums sums = sum_row(row);

	if (why) {
		printf("%-16s left out: %s\n", rows[row].name, why);
		return 0;
	}
	printf("%-16s %9" PRIu64, rows[row].name, sums.turns);
	for (int t = 0; t < TALLY_COUNT; t++)
		printf(" %8" PRIu64, sums.tally[t]);
	wrong = idle(&rows[row], &sums);
	printf("  %s%s%s\n", rows[row].what, wrong ? "; WRONG: " : "", wrong ? wrong : "");
	return (wrong != NULL) + (sums.tally[TALLY_FAULTS] != 0);
}

static void print_faults(void)
{
	const struct ledger *ledger = storm.ledger;
	uint32_t i;

	for (i = 0; i < ledger->faults_used && i < FAULTS_KEPT; i++) {
		const struct fault *fault = &ledger->faults[i];

		printf("%s: ", rows[fault->row].name);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		printf(fault_texts[fault->kind], fault->a, fault->b);
#pragma GCC diagnostic pop
		putchar('\n');
	}
}

/* How many increments of a file were granted, and how many are there. */
static uint64_t lost_in(enum storm_file file, int *wrong)
{
	const struct pair *pair = storm.pair[file];
	uint64_t granted = 0;
	uint32_t i;

	for (i = 0; i < storm.ledger->slots_used; i++)
		granted += storm.ledger->slots[i].count[file];
	printf("%s: granted %" PRIu64 ", counted %" PRIu64 " and %" PRIu64 "\n", storm.path[file],
	       granted, pair->first, pair->second);
	*wrong += granted != pair->first || granted != pair->second;
	return granted > pair->first ? granted - pair->first : 0;
}

uint64_t report(const struct judge *judge, int *ret_wrong)
{
	uint64_t lost = 0;
	unsigned row;
	int file, wrong = 0;

	printf("%-16s %9s %8s %8s %8s %8s %8s %8s\n", "row", "turns", "looks", "refused", "EINTR",
	       "events", "mended", "faults");
	for (row = 0; row < rows_count; row++)
		wrong += print_row(judge, row);
	if (!judge->expect_lost)
		print_faults();
	for (file = 0; file < FILE_COUNT; file++)
		lost += lost_in(file, &wrong);
	*ret_wrong = wrong;
	return lost;
}
