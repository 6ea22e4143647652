/* SPDX-License-Identifier: MIT
 * Whoever completes a cycle published last, and so sees it: waits are published first, looked at
 * then. It keeps looking as long as the cycle stands in what is published, though a thread of it
 * may still run; the others sleep in the kernel. */
#include "shim/deadlock.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "policy/policy.h"
#include "policy/sys.h"
#include "shim/deadlock_confirm.h"
#include "shim/deadlock_graph.h"
#include "shim/deadlock_say.h"
#include "shim/deferred.h"
#include "shim/ofd_commands.h"
#include "shim/state_record.h"

/* What one look needs: pages of its own, of which few are touched. */
struct search {
	struct state *state;
	struct state_self self;
	struct state_wait wait;
	struct held held[STATE_HOLDINGS];
	struct deadlock_graph graph;
};

/* Published waits of this process, and of one that forked it: a hint. */
static int published;
static struct state *published_in;

static struct search *search_new(void)
{
	struct search *search = sys_pages(sizeof *search);

	if (!search)
		return NULL;
	if (state_self(&search->self))
		search->state = state_get(&search->self);
	if (search->state)
		return search;
	sys_pages_free(search, sizeof *search);
	return NULL;
}

static void search_free(struct search *search)
{
	sys_pages_free(search, sizeof *search);
}

static void list_holdings(struct search *search)
{
	struct state_wait *wait = &search->wait;
	int count = held_read(search->held, STATE_HOLDINGS, search->self.pid, search->graph.text);
	int i;

	wait->overflow = count < 0;
	wait->count = count < 0 ? 0 : (uint32_t)count;
	for (i = 0; i < count; i++)
		wait->holdings[i] = search->held[i].is;
}

static bool describe(struct search *search, const struct deadlock_wait *frame, int fd, short type,
		     int64_t start, int64_t end)
{
	struct stat st;

	if (sys_fstat(fd, &st))
		return false;
	search->wait = (struct state_wait){
		.started = search->self.started,
		.space = search->self.space,
		.image = search->self.image,
		.frame = (uintptr_t)frame,
		.device = policy_device(major(st.st_dev), minor(st.st_dev)),
		.inode = st.st_ino,
		.start = start,
		.end = end,
		.thread = (int)syscall(SYS_gettid),
		.fd = fd,
		.type = type,
	};
	list_holdings(search);
	return true;
}

/* An earlier wait of this thread in a frame that is gone, or of a program that was here before. */
static bool is_left_over(const struct state_wait *old, const struct state_wait *wait)
{
	return old->started != wait->started || old->image != wait->image ||
	       (old->thread == wait->thread && old->frame <= wait->frame);
}

static void clean_up(struct search *search, const struct state_table *table)
{
	const uint32_t pid = (uint32_t)search->self.pid;
	struct state_wait *old = &search->graph.sights[0].is;
	uint32_t *record, owner;
	unsigned i;

	for (i = 0; i < table->count; i++) {
		record = state_at(table, i);
		if (state_owner(record) == pid &&
		    state_copy(record, old, offsetof(struct state_wait, holdings), &owner) &&
		    old->space == search->wait.space && is_left_over(old, &search->wait))
			state_free(record, owner);
	}
}

static size_t size_of(const struct state_wait *wait)
{
	return offsetof(struct state_wait, holdings) + wait->count * sizeof wait->holdings[0];
}

static bool publish(struct search *search, struct deadlock_wait *wait)
{
	const struct state_table table = STATE_TABLE(search->state->waits);

	clean_up(search, &table);
	wait->owner = (uint32_t)search->self.pid;
	wait->record =
		state_claim(search->state, &table, wait->owner % table.count, &search->self, true);
	if (!wait->record)
		return false;
	__atomic_store_n(&published_in, search->state, __ATOMIC_RELEASE);
	__atomic_fetch_add(&published, 1, __ATOMIC_RELAXED);
	state_write(wait->record, &search->wait, size_of(&search->wait));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return true;
}

static void set_phase(struct search *search, struct deadlock_wait *wait, enum deadlock_phase phase)
{
	search->wait.phase = phase;
	state_write(wait->record, &search->wait, offsetof(struct state_wait, holdings));
}

static struct search *start(struct deadlock_wait *wait, int fd, short type, int64_t from,
			    int64_t end, enum deadlock_phase phase)
{
	struct search *search = search_new();

	wait->record = NULL;
	if (!search)
		return NULL;
	if (describe(search, wait, fd, type, from, end)) {
		search->wait.phase = phase;
		if (publish(search, wait))
			return search;
	}
	search_free(search);
	return NULL;
}

/* What is garbage there is garbage here, but within bounds. */
static bool is_sound(const struct sight *sight, const struct state_self *self)
{
	return sight->is.space == self->space && sight->is.count <= STATE_HOLDINGS &&
	       !sight->is.overflow && sight->owner <= INT32_MAX && sight->is.fd >= 0 &&
	       (sight->is.type == F_RDLCK || sight->is.type == F_WRLCK);
}

static bool see(struct sight *sight, uint32_t *record, const struct state_self *self)
{
	const size_t head = offsetof(struct state_wait, holdings);

	if (!state_owner(record))
		return false;
	sight->sequence = state_copy(record, &sight->is, head, &sight->owner);
	if (!sight->sequence || !is_sound(sight, self))
		return false;
	sight->record = record;
	sight->satisfied = false;
	sight->mark = 0;
	return state_copy(record, &sight->is, size_of(&sight->is), &sight->owner) ==
		       sight->sequence &&
	       is_sound(sight, self);
}

/* Our own comes first. False where it is not there: it was thrown out. */
static bool see_all(struct search *search, const struct deadlock_wait *wait)
{
	const struct state_table table = STATE_TABLE(search->state->waits);
	struct deadlock_graph *graph = &search->graph;
	uint32_t *record;
	unsigned i;

	graph->sights_count = 0;
	if (!see(&graph->sights[0], wait->record, &search->self) ||
	    graph->sights[0].owner != wait->owner)
		return false;
	graph->sights_count = 1;
	for (i = 0; i < table.count; i++) {
		record = state_at(&table, i);
		if (record != wait->record &&
		    see(&graph->sights[graph->sights_count], record, &search->self))
			graph->sights_count++;
	}
	return true;
}

/* One at a time, so that of two that see the same cycle the second sees the first one gone. Who
 * died meanwhile, or left the file so, judges no more. */
static bool may_judge(struct search *search)
{
	const uint32_t own = (uint32_t)search->self.pid;
	uint32_t *verdict = &search->state->verdict, judge = 0;
	char path[STATE_PATH_ROOM];
	struct state_stat stat;

	if (__atomic_compare_exchange_n(verdict, &judge, own, 0, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		return true;
	if (judge <= INT32_MAX &&
	    state_stat(state_path(path, (int)judge, "/stat", -1, NULL), &stat))
		return false;
	return __atomic_compare_exchange_n(verdict, &judge, own, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

static void end_judging(struct search *search)
{
	uint32_t own = (uint32_t)search->self.pid;

	(void)__atomic_compare_exchange_n(&search->state->verdict, &own, 0, 0, __ATOMIC_SEQ_CST,
					  __ATOMIC_RELAXED);
}

enum answer { NO_CYCLE, NOT_YET, ABSENT, CYCLE };

static enum answer look(struct search *search, const struct deadlock_wait *wait)
{
	if (!see_all(search, wait) || !graph_reaches(&search->graph))
		return NO_CYCLE;
	return NOT_YET;
}

/* Who yields is not waiting any more for who judges next. */
static enum answer judge(struct search *search, struct deadlock_wait *wait)
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

/* Waits that are not where they were published may be left over for good. */
#define ABSENCES 8

/* 0: to be waited for in the kernel. */
static int watch(struct search *search, struct deadlock_wait *wait, struct deferred *deferred)
{
	unsigned round, absences = 0;
	enum answer answer;
	bool restart;

	set_phase(search, wait, DEADLOCK_POLLED);
	for (round = 0;; round++) {
		deferred_sleep(deferred, 0);
		if (deferred_due(deferred, &restart) && !restart)
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
	struct search *search = start(wait, fd, type, from, end, DEADLOCK_ASLEEP);
	bool restart;
	int result = 0;

	if (!search)
		return 0;
	if (look(search, wait) == NOT_YET)
		result = watch(search, wait, deferred);
	if (!result && deferred_due(deferred, &restart) && !restart)
		result = -EINTR;
	if (!result && search->wait.phase == DEADLOCK_POLLED)
		set_phase(search, wait, DEADLOCK_ASLEEP);
	if (result)
		deadlock_end(wait);
	search_free(search);
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
	state_free(wait->record, wait->owner);
	wait->record = NULL;
	__atomic_fetch_sub(&published, 1, __ATOMIC_RELAXED);
}

void deadlock_begin_polled(struct deadlock_wait *wait, int fd, short type, int64_t start_at,
			   int64_t end)
{
	struct search *search = start(wait, fd, type, start_at, end, DEADLOCK_POLLED);

	wait->rounds = 0;
	if (search)
		search_free(search);
}

/* In the round after it is seen first, so that who is about to be granted its lock is. */
bool deadlock_found(struct deadlock_wait *wait)
{
	struct search *search;
	enum answer answer = NO_CYCLE;

	if (!wait->record || !is_due(wait->rounds++))
		return false;
	search = search_new();
	if (!search)
		return false;
	if (look(search, wait) == NOT_YET && wait->rounds > 1)
		answer = judge(search, wait);
	search_free(search);
	return answer == CYCLE;
}

void deadlock_released(void)
{
	struct state *state;
	uint32_t *record, sequence;
	unsigned i;

	if (__atomic_load_n(&published, __ATOMIC_RELAXED) <= 0)
		return;
	state = __atomic_load_n(&published_in, __ATOMIC_ACQUIRE);
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
