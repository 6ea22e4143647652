/* SPDX-License-Identifier: MIT
 * Who waited for whom. Where the pairs of processes are many, further ones are told by program. */
#include "cli/report_inside.h"
#include "cli/memory.h"

#include <string.h>

enum { PAIRS_OF_PROCESSES = 16384 };

static uint64_t key_of(struct cli_report_party waiter, struct cli_report_party holder)
{
	return (uint64_t)waiter.id << 32 | holder.id;
}

static struct cli_report_pair *pair_of(struct cli_report_model *model,
				       struct cli_report_party waiter,
				       struct cli_report_party holder, const char *file)
{
	struct cli_report_pair *pair = cli_index_get(&model->pairs, key_of(waiter, holder),
						     (uintptr_t)file, sizeof(*pair));

	pair->waiter = waiter;
	pair->holder = holder;
	pair->file = file;
	return pair;
}

static bool is_full(const struct cli_report_model *model, struct cli_report_party waiter,
		    struct cli_report_party holder, const char *file)
{
	return model->pairs.count >= PAIRS_OF_PROCESSES &&
	       !cli_index_find(&model->pairs, key_of(waiter, holder), (uintptr_t)file);
}

static void add(struct cli_report_pair *pair, const struct cli_wait *wait, uint64_t duration)
{
	pair->times += pair->last != wait->lock.number;
	pair->last = wait->lock.number;
	pair->total += duration;
	if (duration > pair->longest)
		pair->longest = duration;
}

static const char *file_of(struct cli_report_model *model, const struct cli_lock *lock)
{
	return cli_report_file(model, lock->device, lock->inode, lock->file);
}

void cli_report_waited_for(void *context, const struct cli_wait *wait, const struct cli_hold *hold,
			   uint64_t begin, uint64_t end)
{
	struct cli_report_model *model = context;
	struct cli_report_party waiter, holder;
	const char *file;

	if (!wait->lock.wanted)
		return;
	waiter = cli_report_party(wait->lock.process);
	holder = cli_report_party(hold->lock.process);
	file = file_of(model, &wait->lock);
	if (is_full(model, waiter, holder, file)) {
		waiter = cli_report_party_of_program(wait->lock.process);
		holder = cli_report_party_of_program(hold->lock.process);
	}
	add(pair_of(model, waiter, holder, file), wait, end - begin);
}

/* Nobody in the trace held the lock: the kernel's own word for who did, if there was one. */
static void blame_blocker(struct cli_report_model *model, const struct cli_wait *wait,
			  uint64_t duration)
{
	struct cli_report_party waiter = cli_report_party(wait->lock.process);
	struct cli_report_party holder = cli_report_party_of_pid(model, wait->blocker);
	const char *file = file_of(model, &wait->lock);

	if (is_full(model, waiter, holder, file)) {
		waiter = cli_report_party_of_program(wait->lock.process);
		holder = cli_report_party_of_pid(model, 0);
	}
	add(pair_of(model, waiter, holder, file), wait, duration);
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

	(void)error;
	if (!wait->lock.wanted)
		return;
	if (!wait->holders)
		blame_blocker(model, wait, duration);
	if (how != CLI_WAIT_STILL && how != CLI_WAIT_DEAD)
		return;
	*pending_add(model) = (struct cli_report_pending){
		.wait = *wait,
		.waiter = cli_report_party(wait->lock.process),
		.file = file_of(model, &wait->lock),
		.waited = duration,
		.dead = how == CLI_WAIT_DEAD,
	};
	cli_report_row(model, &wait->lock)->waiting++;
}
