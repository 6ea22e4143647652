/* SPDX-License-Identifier: MIT
 * Spans come in the order of their ends, so the latest ends are all that has to be kept. */
#include "cli/advise_trace_spans.h"
#include "cli/memory.h"

/* A call is written down when it returned, and on a busy host a process may stand still in between:
 * what is shorter than that tells nothing. */
#define LATE_NS 100000000u

enum side { FLOCK, RECORD };

static void note_latest(uint64_t *latest, const struct advise_span_end *two,
			const struct trace_event *event)
{
	for (int i = 0; i < 2; i++) {
		if (two[i].pid && (two[i].pid != event->pid || two[i].fd != event->fd) &&
		    two[i].end > *latest)
			*latest = two[i].end;
	}
}

/* When another let go of what was in the way of EVENT; 0: never. */
static uint64_t last_end(const struct advise_spans *spans, const struct trace_event *event)
{
	uint64_t latest = 0;

	note_latest(&latest, spans->let_go[TRACE_EXCLUSIVE], event);
	if (event->operation == TRACE_EXCLUSIVE)
		note_latest(&latest, spans->let_go[TRACE_SHARED], event);
	return latest;
}

void advise_spans_refused(struct advise_spans *spans, const struct trace_event *event)
{
	if (spans->left_on || spans->refusals_count == ADVISE_SPANS_PENDING ||
	    last_end(spans, event) + LATE_NS >= event->time)
		return;
	if (!spans->refusals)
		spans->refusals = cli_memory_get(ADVISE_SPANS_PENDING * sizeof(*spans->refusals));
	/* Who refused is maybe not written down yet; who was waited for is. */
	spans->refusals[spans->refusals_count++] = (struct advise_refusal){
		.end = event->time + (event->error ? LATE_NS : 0),
		.pid = event->pid,
		.fd = event->fd,
		.exclusive = event->operation == TRACE_EXCLUSIVE,
	};
}

static bool explains(const struct cli_lock *lock, const struct advise_refusal *refusal)
{
	if (lock->process->pid == refusal->pid && lock->fd == refusal->fd)
		return false;
	return (refusal->exclusive || lock->operation == TRACE_EXCLUSIVE) &&
	       lock->begin <= refusal->end;
}

static void explain_refusals(struct advise_spans *spans, const struct cli_lock *lock)
{
	unsigned left = 0;

	for (unsigned i = 0; i < spans->refusals_count; i++) {
		if (!explains(lock, &spans->refusals[i]))
			spans->refusals[left++] = spans->refusals[i];
	}
	spans->refusals_count = left;
}

static void note_end(struct advise_span_end *two, const struct cli_lock *lock, uint64_t end)
{
	if (two[0].pid != lock->process->pid)
		two[1] = two[0];
	two[0] = (struct advise_span_end){ end, lock->process->pid, lock->fd };
}

static bool reached(const struct advise_span_end *two, const struct cli_lock *lock)
{
	for (int i = 0; i < 2; i++) {
		if (two[i].pid && two[i].pid != lock->process->pid && two[i].end > lock->begin)
			return true;
	}
	return false;
}

static bool meets(const struct advise_spans *spans, enum side other, const struct cli_lock *lock)
{
	const struct advise_span_end(*ends)[2] = spans->ends[other];

	return reached(ends[TRACE_EXCLUSIVE], lock) ||
	       (lock->operation == TRACE_EXCLUSIVE && reached(ends[TRACE_SHARED], lock));
}

bool advise_spans_held(struct advise_spans *spans, const struct cli_hold *hold, uint64_t end,
		       enum cli_held_end how)
{
	const struct cli_lock *lock = &hold->lock;
	enum side side = lock->asked & TRACE_FAMILY_FLOCK ? FLOCK : RECORD;

	if (lock->operation > TRACE_EXCLUSIVE)
		return false;
	if (side == FLOCK) {
		explain_refusals(spans, lock);
		note_end(spans->let_go[lock->operation], lock, end);
	}
	if (how == CLI_HELD_UNSEEN || how == CLI_HELD_DEAD)
		return false;
	note_end(spans->ends[side][lock->operation], lock, end);
	return meets(spans, side == FLOCK ? RECORD : FLOCK, lock);
}
