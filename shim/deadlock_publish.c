/* SPDX-License-Identifier: MIT
 * A record a wait: written once, read by all who wait. */
#include "shim/deadlock_publish.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "policy/policy.h"
#include "policy/sys.h"

int deadlock_published;
struct state *deadlock_published_in;

struct deadlock_search *deadlock_search_new(void)
{
	struct deadlock_search *search = sys_pages(sizeof *search);

	if (!search)
		return NULL;
	if (state_self(&search->self))
		search->state = state_get(&search->self);
	if (search->state)
		return search;
	sys_pages_free(search, sizeof *search);
	return NULL;
}

void deadlock_search_free(struct deadlock_search *search)
{
	sys_pages_free(search, sizeof *search);
}

static void list_holdings(struct deadlock_search *search)
{
	struct state_wait *wait = &search->wait;
	int count = held_read(search->held, STATE_HOLDINGS, search->self.pid, search->graph.text);
	int i;

	wait->overflow = count < 0;
	wait->count = count < 0 ? 0 : (uint32_t)count;
	for (i = 0; i < count; i++)
		wait->holdings[i] = search->held[i].is;
}

static bool describe(struct deadlock_search *search, const struct deadlock_wait *frame, int fd,
		     short type, int64_t start, int64_t end)
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

static void clean_up(struct deadlock_search *search, const struct state_table *table)
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

static bool publish(struct deadlock_search *search, struct deadlock_wait *wait)
{
	const struct state_table table = STATE_TABLE(search->state->waits);

	clean_up(search, &table);
	wait->owner = (uint32_t)search->self.pid;
	wait->record =
		state_claim(search->state, &table, wait->owner % table.count, &search->self, true);
	if (!wait->record)
		return false;
	__atomic_store_n(&deadlock_published_in, search->state, __ATOMIC_RELEASE);
	__atomic_fetch_add(&deadlock_published, 1, __ATOMIC_RELAXED);
	state_write(wait->record, &search->wait, size_of(&search->wait));
	state_fence();
	return true;
}

void deadlock_set_phase(struct deadlock_search *search, struct deadlock_wait *wait,
			enum deadlock_phase phase)
{
	search->wait.phase = phase;
	state_write(wait->record, &search->wait, offsetof(struct state_wait, holdings));
}

struct deadlock_search *deadlock_publish(struct deadlock_wait *wait, int fd, short type,
					 int64_t from, int64_t end, enum deadlock_phase phase)
{
	struct deadlock_search *search = deadlock_search_new();

	wait->record = NULL;
	if (!search)
		return NULL;
	if (describe(search, wait, fd, type, from, end)) {
		search->wait.phase = phase;
		if (publish(search, wait))
			return search;
	}
	deadlock_search_free(search);
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
bool deadlock_see_all(struct deadlock_search *search, const struct deadlock_wait *wait)
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
