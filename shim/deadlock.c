/* SPDX-License-Identifier: MIT
 * Whoever completes a cycle published last, and so sees it: waits are published first, looked at
 * then. It keeps looking as long as the cycle stands in what is published, though a thread of it
 * may still run; the others sleep in the kernel. */
#include "shim/deadlock.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/deadlock_confirm.h"
#include "shim/deadlock_publish.h"
#include "shim/deadlock_say.h"
#include "shim/deferred.h"
#include "shim/ofd_commands.h"

/* A judgement takes milliseconds. Who has not ended after so many refusals of ours never will: it
 * was killed and another process has its number, or the file lies. */
#define REFUSALS 100

static bool is_judging(uint32_t judge)
{
	static uint32_t last;
	static unsigned refusals;
	char path[STATE_PATH_ROOM];
	struct state_stat stat;

	if (judge > INT32_MAX ||
	    !state_stat(state_path(path, (int)judge, "/stat", -1, NULL), &stat))
		return false;
	if (__atomic_exchange_n(&last, judge, __ATOMIC_RELAXED) != judge)
		__atomic_store_n(&refusals, 0, __ATOMIC_RELAXED);
	return __atomic_add_fetch(&refusals, 1, __ATOMIC_RELAXED) % REFUSALS;
}

/* One at a time, so that of two that see the same cycle the second sees the first one gone. Who
 * died meanwhile, or left the file so, judges no more. */
static bool may_judge(struct deadlock_search *search)
{
	const uint32_t own = (uint32_t)search->self.pid;
	uint32_t *verdict = &search->state->verdict, judge = 0;

	if (__atomic_compare_exchange_n(verdict, &judge, own, 0, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		return true;
	if (is_judging(judge))
		return false;
	return __atomic_compare_exchange_n(verdict, &judge, own, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

static void end_judging(struct deadlock_search *search)
{
	uint32_t own = (uint32_t)search->self.pid;

	(void)__atomic_compare_exchange_n(&search->state->verdict, &own, 0, 0, __ATOMIC_SEQ_CST,
					  __ATOMIC_RELAXED);
}

enum answer { NO_CYCLE, NOT_YET, ABSENT, CYCLE };

static enum answer look(struct deadlock_search *search, const struct deadlock_wait *wait)
{
	if (!deadlock_see_all(search, wait) || !graph_reaches(&search->graph))
		return NO_CYCLE;
	return NOT_YET;
}

/* Who yields is not waiting any more for who judges next. */
static enum answer judge(struct deadlock_search *search, struct deadlock_wait *wait)
{
	enum answer answer;
	bool absent = false;

	if (!may_judge(search))
		return NOT_YET;
	answer = look(search, wait);
	if (answer == NOT_YET && deadlock_confirm(&search->graph, &absent)) {
		answer = CYCLE;
		deadlock_end(wait);
	}
	end_judging(search);
	if (answer == CYCLE)
		deadlock_say(&search->graph);
	return answer == NOT_YET && absent ? ABSENT : answer;
}

static bool is_refused(const struct state_wait *wait)
{
	struct flock record = {
		.l_type = (short)wait->type,
		.l_whence = SEEK_SET,
		.l_start = wait->start,
		.l_len = wait->end == INT64_MAX ? 0 : wait->end - wait->start + 1,
	};

	return !sys_fcntl(wait->fd, F_OFD_GETLK, &record) && record.l_type != F_UNLCK;
}

/* Every 10 ms at first; where something of it runs for long, now and then. */
static bool is_due(unsigned round)
{
	return round < 8 || (round < 100 && round % 8 == 0) || round % 64 == 0;
}

/* A signal whose handlers restart calls, or that ends or stops the process, is taken here. */
static bool is_interrupted(struct deadlock_search *search, struct deadlock_wait *wait,
			   struct deferred *deferred)
{
	const enum deadlock_phase phase = (enum deadlock_phase)search->wait.phase;
	bool restart = true;

	if (!deferred_due(deferred, &restart))
		return false;
	if (!restart)
		return true;
	/* A handler may jump out: then it is not to be believed. */
	deadlock_set_phase(search, wait, DEADLOCK_ASLEEP);
	deferred_end(deferred);
	deferred_begin(deferred);
	deadlock_set_phase(search, wait, phase);
	return false;
}

/* Waits that are not where they were published may be left over for good. */
#define ABSENCES 8

/* 0: to be waited for in the kernel. */
static int watch(struct deadlock_search *search, struct deadlock_wait *wait,
		 struct deferred *deferred)
{
	unsigned round, absences = 0;
	enum answer answer;

	deadlock_set_phase(search, wait, DEADLOCK_POLLED);
	for (round = 0;; round++) {
		deferred_sleep(deferred, 0);
		if (is_interrupted(search, wait, deferred))
			return -EINTR;
		if (!is_refused(&search->wait))
			return 0;
		if (!is_due(round))
			continue;
		answer = judge(search, wait);
		absences += answer == ABSENT;
		if (answer == CYCLE)
			return -EDEADLK;
		if (answer == NO_CYCLE || absences == ABSENCES)
			return 0;
	}
}

/* Signals that come meanwhile would have interrupted the call that waits. */
static int begin(struct deadlock_wait *wait, struct deferred *deferred, int fd, short type,
		 int64_t from, int64_t end)
{
	struct deadlock_search *search =
		deadlock_publish(wait, fd, type, from, end, DEADLOCK_ASLEEP);
	int result = 0;

	if (!search)
		return 0;
	if (look(search, wait) == NOT_YET)
		result = watch(search, wait, deferred);
	if (!result && is_interrupted(search, wait, deferred))
		result = -EINTR;
	if (!result && search->wait.phase == DEADLOCK_POLLED)
		deadlock_set_phase(search, wait, DEADLOCK_ASLEEP);
	if (result)
		deadlock_end(wait);
	deadlock_search_free(search);
	return result;
}

int deadlock_begin(struct deadlock_wait *wait, int fd, short type, int64_t start_at, int64_t end)
{
	struct deferred deferred;
	int result;

	deferred_begin(&deferred);
	result = begin(wait, &deferred, fd, type, start_at, end);
	deferred_end(&deferred);
	return result;
}

void deadlock_end(struct deadlock_wait *wait)
{
	if (!wait->record)
		return;
	if (state_is_whole())
		state_free(wait->record, wait->owner);
	wait->record = NULL;
	__atomic_fetch_sub(&deadlock_published, 1, __ATOMIC_RELAXED);
}

void deadlock_begin_polled(struct deadlock_wait *wait, int fd, short type, int64_t start_at,
			   int64_t end)
{
	struct deadlock_search *search =
		deadlock_publish(wait, fd, type, start_at, end, DEADLOCK_POLLED);

	wait->rounds = 0;
	if (search)
		deadlock_search_free(search);
}

/* In the round after it is seen first, so that who is about to be granted its lock is. */
bool deadlock_found(struct deadlock_wait *wait)
{
	struct deadlock_search *search;
	enum answer answer = NO_CYCLE;

	if (!wait->record || !is_due(wait->rounds++))
		return false;
	search = deadlock_search_new();
	if (!search)
		return false;
	if (look(search, wait) == NOT_YET && wait->rounds > 1)
		answer = judge(search, wait);
	deadlock_search_free(search);
	return answer == CYCLE;
}

void deadlock_released(void)
{
	struct state *state;
	uint32_t *record, sequence;
	unsigned i;

	if (__atomic_load_n(&deadlock_published, __ATOMIC_RELAXED) <= 0)
		return;
	state = state_is_whole() ? __atomic_load_n(&deadlock_published_in, __ATOMIC_ACQUIRE) : NULL;
	for (i = 0; state && i < STATE_WAITS; i++) {
		record = state->waits[i];
		if (state_owner(record) != (uint32_t)sys_getpid())
			continue;
		sequence = state_sequence(record);
		if (!(sequence & 1))
			(void)__atomic_compare_exchange_n(&record[STATE_SEQUENCE], &sequence,
							  sequence + 2, 0, __ATOMIC_SEQ_CST,
							  __ATOMIC_RELAXED);
	}
}
