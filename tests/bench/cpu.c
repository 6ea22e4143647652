/* SPDX-License-Identifier: MIT
 * Which CPU we run on, and that others wait for us there. */
#include "bench.h"

#include <sched.h>

static cpu_set_t before;

/* The last CPU we may use, unless one was asked for: the first takes most interrupts. */
static void pin(struct bench_config *config)
{
	cpu_set_t one;

	if (sched_getaffinity(0, sizeof(before), &before))
		return;
	for (int i = 0; config->cpu < 0 && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(CPU_SETSIZE - 1 - i, &before))
			config->cpu = CPU_SETSIZE - 1 - i;
	CPU_ZERO(&one);
	CPU_SET((unsigned)config->cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		config->cpu = -1;
}

/* On a busy machine a turn of ours would else be measured with everybody's. Needs privilege. */
static bool come_first(void)
{
	const struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_RR) };

	return !sched_setscheduler(0, SCHED_RR, &lowest);
}

void cpu_take(struct bench_config *config)
{
	pin(config);
	config->first = !config->quick && come_first();
}

void cpu_let_go(void)
{
	if (CPU_COUNT(&before))
		(void)sched_setaffinity(0, sizeof(before), &before);
}

void cpu_take_again(const struct bench_config *config)
{
	cpu_set_t one;

	if (config->cpu < 0)
		return;
	CPU_ZERO(&one);
	CPU_SET((unsigned)config->cpu, &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}
