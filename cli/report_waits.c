/* SPDX-License-Identifier: MIT
 * Who waited for whom: pairs in bounded number, and what was never answered. */
#include "cli/report_inside.h"
#include "cli/memory.h"

#include <string.h>

/* Beyond the first the waiters, beyond the second the holders too are told by program. */
enum { PAIRS_OF_WAITERS = 4096, PAIRS_OF_HOLDERS = 16384 };

static bool is_pair(const struct cli_report_pair *pair, uint64_t ids, const char *file)
{
	return pair && pair->key.one == ids && pair->file == file;
}

/* In a storm one hold ends for hundreds of waiters in a row, and those are one pair soon. */
static struct cli_report_pair *pair_of(struct cli_report_model *model,
				       struct cli_report_party waiter,
				       struct cli_report_party holder, const char *file)
{
	struct cli_report_pair *pair = model->last_pair;
	uint64_t ids;

	if (model->pairs.count >= PAIRS_OF_WAITERS)
		waiter = cli_report_party_of_program(waiter);
	if (model->pairs.count >= PAIRS_OF_HOLDERS)
		holder = cli_report_party_of_program(holder);
	ids = (uint64_t)waiter.id << 32 | holder.id;
	if (is_pair(pair, ids, file))
		return pair;
	pair = cli_index_get(&model->pairs, ids, (uintptr_t)file, sizeof(*pair));
	pair->waiter = waiter;
	pair->holder = holder;
	pair->file = file;
	return model->last_pair = pair;
}

/* A wait may be for several holds of one holder: its length is what they make together. */
static void add(struct cli_report_pair *pair, const struct cli_wait *wait, uint64_t duration)
{
	if (pair->last != wait->lock.number) {
		pair->times++;
		pair->latest = 0;
	}
	pair->last = wait->lock.number;
	pair->total += duration;
	pair->latest += duration;
	if (pair->latest > pair->longest)
		pair->longest = pair->latest;
}

/* A wait that is still under way at the end hears of all its holders in a row. */
static void note(struct cli_report_model *model, const struct cli_wait *wait,
		 struct cli_report_party holder)
{
	struct cli_report_pending *latest = &model->latest;

	if (latest->wait.lock.number != wait->lock.number)
		latest->holders_count = 0;
	latest->wait.lock.number = wait->lock.number;
	if (latest->holders_count < CLI_REPORT_HOLDERS)
		latest->holders[latest->holders_count] = holder;
	latest->holders_count++;
}

static const char *file_of(struct cli_report_model *model, const struct cli_lock *lock)
{
	if (lock->file)
		return lock->file;
	return cli_report_file(model, lock->device, lock->inode, NULL);
}

static void blame(struct cli_report_model *model, const struct cli_wait *wait,
		  struct cli_report_party holder, uint64_t duration)
{
	note(model, wait, holder);
	add(pair_of(model, cli_report_party(wait->lock.process), holder,
		    file_of(model, &wait->lock)),
	    wait, duration);
}

void cli_report_waited_for(void *context, const struct cli_wait *wait, const struct cli_hold *hold,
			   uint64_t begin, uint64_t end)
{
	if (wait->lock.wanted)
		blame(context, wait, cli_report_party(hold->lock.process), end - begin);
}

static struct cli_report_pending *pending_add(struct cli_report_model *model)
{
	if (model->pending_count == model->pending_room) {
		size_t room = model->pending_room ? model->pending_room * 2 : 16;
		struct cli_report_pending *more = cli_memory_get(room * sizeof(*more));

		if (model->pending_count)
			memcpy(more, model->pending, model->pending_count * sizeof(*more));
		model->pending = more;
		model->pending_room = room;
	}
	return &model->pending[model->pending_count++];
}

void cli_report_waited(void *context, const struct cli_wait *wait, uint64_t end,
		       enum cli_wait_end how, int error)
{
	struct cli_report_model *model = context;
	uint64_t duration = end > wait->lock.begin ? end - wait->lock.begin : 0;
	struct cli_report_pending *pending;

	(void)error;
	if (!wait->lock.wanted)
		return;
	/* Nobody in the trace held it: the kernel's own word for who did, if there was one. */
	if (!wait->holders)
		blame(model, wait, cli_report_party_of_pid(model, wait->blocker), duration);
	if (how != CLI_WAIT_STILL && how != CLI_WAIT_DEAD)
		return;
	pending = pending_add(model);
	if (model->latest.wait.lock.number == wait->lock.number)
		*pending = model->latest;
	pending->wait = *wait;
	pending->waiter = cli_report_party(wait->lock.process);
	pending->file = file_of(model, &wait->lock);
	pending->waited = duration;
	pending->dead = how == CLI_WAIT_DEAD;
	cli_report_row(model, &wait->lock)->waiting++;
}
