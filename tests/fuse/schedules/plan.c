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
	[WAY_QUICK_EXIT] = "quick_exit",
	[WAY_EXIT_NOW] = "_exit",
	[WAY_READ_ONLY] = "read-only-descriptor",
	[WAY_KILLED] = "SIGKILL",
	[WAY_TERMINATED] = "SIGTERM",
	[WAY_ABORT] = "abort",
	[WAY_RAW_EXIT] = "raw-exit_group",
	[WAY_RAW_CLOSE] = "raw-close",
	[WAY_BUFFERED] = "in-a-stdio-buffer",
	[WAY_BUFFERED_EXIT] = "in-a-buffer-at-exit",
	[WAY_SHARED] = "shared-and-read-only",
	[WAY_FREOPEN] = "freopen",
	[WAY_CHILD] = "locked-by-a-child",
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

static enum way make_way(uint64_t *state, enum family family, enum ways ways)
{
	static const struct {
		enum way first, end;
	} of[] = {
		[WAYS_COVERED] = { 0, WAY_COVERED },
		[WAYS_CONVERTED] = { 0, WAY_READ_ONLY },
		[WAYS_UNCOVERED] = { WAY_COVERED, WAY_COUNT },
	};
	enum way way = of[ways].first + below(state, of[ways].end - of[ways].first);

	/* Of the three only flock takes an exclusive lock there. A POSIX lock ends with the child.
	 */
	if (way == WAY_READ_ONLY && family != FAMILY_FLOCK)
		return WAY_UNLOCK;
	return way == WAY_CHILD && family == FAMILY_POSIX ? WAY_KILLED : way;
}

static struct turn make_turn(uint64_t *state, enum family family, enum ways ways)
{
	struct turn turn = { .store = below(state, STORE_COUNT),
			     .records = 1 + below(state, RECORDS_MAX),
			     .contended = below(state, 2) };

	turn.way = make_way(state, family, ways);
	return turn;
}

struct plan plan_make(uint64_t seed, enum ways ways)
{
	uint64_t state = seed;
	struct plan plan = { .seed = seed, .family = below(&state, FAMILY_COUNT) };

	plan.turns = 2 + below(&state, TURNS_MAX - 1);
	for (unsigned i = 0; i < plan.turns; i++) {
		plan.turn[i] = make_turn(&state, plan.family, ways);
		/* Two that share don't wait for each other. */
		if (i && plan.turn[i].way == WAY_SHARED)
			plan.turn[i - 1].contended = false;
	}
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
