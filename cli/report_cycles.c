/* SPDX-License-Identifier: MIT
 * Cycles of waiting, each once however often it came and wherever it began. */
#include "cli/report_inside.h"
#include "cli/memory.h"

enum { CYCLES = 1000 };

static struct cli_report_cycle_step step_of(struct cli_report_model *model,
					    const struct cli_lock *lock)
{
	return (struct cli_report_cycle_step){
		.party = cli_report_party(lock->process),
		.tid = lock->tid,
		.file = cli_report_file(model, lock->device, lock->inode, lock->file),
	};
}

/* The same for the same steps in any order. */
static uint64_t sum_of(const struct cli_report_cycle_step *step)
{
	uint64_t sum = (uint64_t)step->party.id << 32 | step->tid;

	sum = (sum ^ (uintptr_t)step->file) * 0x9e3779b97f4a7c15u;
	return sum ^ sum >> 29;
}

/* NULL where there are too many. */
static struct cli_report_cycle *cycle_of(struct cli_report_model *model,
					 const struct cli_report_cycle_step *steps, size_t count,
					 bool refused)
{
	uint64_t one = 0, two = (uint64_t)count << 1 | refused;

	for (size_t i = 0; i < count; i++)
		one += sum_of(&steps[i]);
	if (model->cycles.count >= CYCLES && !cli_index_find(&model->cycles, one, two)) {
		model->cycles_cut = true;
		return NULL;
	}
	return cli_index_get(&model->cycles, one, two, sizeof(struct cli_report_cycle));
}

static void add(struct cli_report_model *model, const struct cli_report_cycle_step *steps,
		size_t count, bool refused, uint64_t time)
{
	struct cli_report_cycle *cycle = cycle_of(model, steps, count, refused);

	if (!cycle)
		return;
	if (!cycle->times++) {
		cycle->first = time;
		cycle->refused = refused;
		cycle->count = count;
		cycle->steps = cli_memory_get(count * sizeof(*cycle->steps));
		for (size_t i = 0; i < count; i++)
			cycle->steps[i] = steps[i];
	}
}

void cli_report_cycle(void *context, const struct cli_wait *const *waits, size_t count,
		      uint64_t time)
{
	struct cli_report_cycle_step steps[CLI_CYCLE_LONGEST];
	struct cli_report_model *model = context;
	bool wanted = false;

	for (size_t i = 0; i < count; i++) {
		steps[i] = step_of(model, &waits[i]->lock);
		wanted |= waits[i]->lock.wanted;
	}
	if (wanted)
		add(model, steps, count, false, time);
}

void cli_report_refused_cycle(struct cli_report_model *model, const struct cli_lock *lock)
{
	struct cli_report_cycle_step step = step_of(model, lock);

	add(model, &step, 1, true, lock->begin);
}
