/* SPDX-License-Identifier: MIT
 * splitmix64: a seed's numbers are the same everywhere. */
#include "tests/fuse/schedules/plan.h"

#define OPERATIONS_OF_A_TURN 10 /* about: a crash falls into any, or behind the last */

const char *const way_names[WAY_COUNT] = {
	[WAY_UNLOCK] = "unlock",
	[WAY_PARTS] = "unlock-of-a-range",
	[WAY_DOWNGRADE] = "downgrade",
	[WAY_CLOSE] = "close",
	[WAY_DUP2] = "dup2-over-it",
	[WAY_FCLOSE] = "fclose",
	[WAY_CLOSE_RANGE] = "close_range",
	[WAY_CLOSE_OTHER] = "close-of-another",
	[WAY_EXEC] = "exec",
	[WAY_EXIT] = "exit",
	[WAY_KILLED] = "SIGKILL",
	[WAY_TERMINATED] = "SIGTERM",
	[WAY_ABORT] = "abort",
	[WAY_RAW_EXIT] = "raw-exit_group",
	[WAY_RAW_CLOSE] = "raw-close",
	[WAY_BUFFERED] = "in-a-stdio-buffer",
	[WAY_READ_ONLY] = "read-only-descriptor",
};

static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static unsigned below(uint64_t *state, unsigned limit)
{
	return (unsigned)(next(state) % limit);
}

static struct turn make_turn(uint64_t *state, enum family family, bool uncovered)
{
	struct turn turn = { .store = below(state, STORE_COUNT),
			     .records = 1 + below(state, RECORDS_MAX),
			     .contended = below(state, 2) };

	turn.way = uncovered ? WAY_COVERED + below(state, WAY_COUNT - WAY_COVERED)
			     : below(state, WAY_COVERED);
	return turn;
}

struct plan plan_make(uint64_t seed, bool uncovered)
{
	uint64_t state = seed;
	struct plan plan = { .seed = seed, .family = below(&state, FAMILY_COUNT) };

	plan.turns = 2 + below(&state, TURNS_MAX - 1);
	for (unsigned i = 0; i < plan.turns; i++)
		plan.turn[i] = make_turn(&state, plan.family, uncovered);
	plan.crash_at = 1 + below(&state, OPERATIONS_OF_A_TURN * plan.turns);
	return plan;
}

unsigned plan_first_record(const struct plan *plan, unsigned turn)
{
	unsigned first = 0;

	while (turn--)
		first += plan->turn[turn].records;
	return first;
}

unsigned plan_let_goes(const struct plan *plan, unsigned turn)
{
	enum way way = plan->turn[turn].way;

	return way == WAY_DOWNGRADE || (way == WAY_PARTS && plan->family != FAMILY_FLOCK) ? 2 : 1;
}
