/* SPDX-License-Identifier: MIT
 * One call and its event. What lies deeper adds to it by this thread's own notes. */
#include "shim/watch.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/mixed.h"
#include "shim/note.h"
#include "shim/watch_file.h"
#include "shim/watch_internal.h"
#include "trace/writer.h"

_Static_assert((int)TRACE_FAMILY_FLOCK == NOTE_NATIVE && (int)TRACE_FAMILY_OFD == NOTE_OFD &&
		       (int)TRACE_FAMILY_POSIX == NOTE_POSIX,
	       "the same bits");

bool watch_is_wanted;

__thread struct watch_told watch_told __attribute__((tls_model("initial-exec")));

void watch_hazard(unsigned hazard, uint64_t device, uint64_t inode, int pid)
{
	struct trace_event event = {
		.id = TRACE_HAZARD,
		.call = TRACE_CALL_OTHER,
		.operation = TRACE_UNLOCK,
		.fd = -1,
		.hazards = 1u << hazard,
		.device = device,
		.inode = inode,
		.blocker = pid,
	};

	watch_told.hazards |= 1u << hazard;
	if (watch_told.inside)
		return;
	event.time = trace_now();
	watch_tell(&event, NULL, watch_sinks(&event, NULL, 0), NULL);
}

/* What comes of the call is filled in once, at the end: nothing is cleared before. */
static struct watch_file *fill(struct trace_event *event, uint64_t now, int error,
			       struct watch_file *spare)
{
	static struct watch_file nothing;
	struct watch_file *file =
		error == EBADF ? NULL : watch_file_of(shim_state(), event->fd, now, spare);
	const struct watch_file *known = file ? file : &nothing;

	event->time = now;
	event->pid = event->tid = 0; /* the sinks know */
	event->error = error;
	event->hazards = watch_told.hazards;
	event->waited = event->held = event->offset = 0;
	event->module = 0;
	event->device = known->device;
	event->inode = known->inode;
	event->file = known->path;
	event->rule = known->rule;
	if (known->read_only)
		event->flags |= TRACE_READ_ONLY;
	if (file && watch_file_is_shared(file))
		event->flags |= TRACE_INHERITED;
	return file;
}

static unsigned shadow_families(const struct watch *watch, const struct watch_file *file)
{
	static const uint8_t of_fcntl[] = { TRACE_FAMILY_POSIX, TRACE_FAMILY_OFD, 0, 0 };
	static const uint8_t of_ofd[] = { TRACE_FAMILY_OFD, TRACE_FAMILY_POSIX, 0, 0 };
	const int *value = file->actions->value;

	switch (watch->event.asked) {
	case TRACE_FAMILY_FLOCK:
		return policy_flock_families((enum policy_flock_value)value[POLICY_FLOCK]);
	case TRACE_FAMILY_POSIX:
		return of_fcntl[value[POLICY_FCNTL]];
	default:
		return of_ofd[value[POLICY_OFD_CALLS]];
	}
}

static bool is_shadow(const struct watch_file *file)
{
	return file && file->shadow;
}

/* flock's note tells the family of a grant; one that goes by no note was passed. */
static unsigned flock_families(const struct watch *watch)
{
	const struct shim_state *state = shim_state();
	unsigned note = note_get(watch->event.fd);

	if (!state->active || state->passes_all)
		return TRACE_FAMILY_FLOCK;
	return note & NOTE_FAMILIES;
}

static unsigned used_families(const struct watch *watch, const struct watch_file *file)
{
	if (is_shadow(file))
		return shadow_families(watch, file);
	if (watch->section)
		return watch_told.became ? watch_told.families : watch->event.asked;
	if (watch->event.id == TRACE_RELEASE && file && file->used)
		return file->used;
	return flock_families(watch);
}

static void flock_granted(struct trace_event *event, struct watch_file *file)
{
	bool exclusive = event->operation == TRACE_EXCLUSIVE;

	if (note_get(event->fd) & NOTE_KEPT && event->used & TRACE_FAMILY_OFD)
		event->flags |= TRACE_KEEPER;
	if (file->granted && file->exclusive != exclusive) {
		event->flags |= TRACE_CONVERTED;
		watch_held_since(event, file->granted);
		file->granted = event->time;
	}
	watch_flock_granted(file, event->time, exclusive, event->used);
}

/* flock lets go of what it held where a conversion has to wait or is refused. */
static void flock_refused(struct trace_event *event, struct watch_file *file)
{
	if (!file->granted || file->exclusive || event->operation != TRACE_EXCLUSIVE)
		return;
	event->flags |= TRACE_CONVERTED;
	if ((event->error != EWOULDBLOCK && event->error != EINTR) ||
	    (file->actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC &&
	     !(file->used & TRACE_FAMILY_FLOCK)))
		return;
	event->flags |= TRACE_LOST;
	watch_held_since(event, file->granted);
	file->granted = 0;
}

/* Whose lock it is that stands in the way, as far as the kernel tells: it does of POSIX locks. */
static int blocker_of(const struct trace_event *event, const struct watch_file *file)
{
	struct flock record = {
		.l_type = event->operation == TRACE_EXCLUSIVE ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = event->start,
		.l_len = event->length,
	};

	if (event->asked == TRACE_FAMILY_FLOCK &&
	    (!file || is_shadow(file) || file->actions->value[POLICY_FLOCK] == POLICY_FLOCK_PASS))
		return 0;
	if (event->fd < 0 || sys_fcntl(event->fd, F_GETLK, &record) || record.l_type == F_UNLCK)
		return 0;
	return record.l_pid > 0 ? record.l_pid : 0;
}

/* flock lets go of what it held before it waits: the wait has that, and not the grant. */
static __attribute__((noinline)) void tell_waiting(struct watch *watch)
{
	struct watch_file spare, *file;
	struct trace_event event = watch->event;

	watch->since = trace_now();
	watch_file_recheck(event.fd);
	file = fill(&event, watch->since, 0, &spare);
	event.id = TRACE_WAIT;
	event.used = event.asked;
	event.blocker = watch->event.blocker = blocker_of(&event, file);
	event.error = EWOULDBLOCK;
	if (file && !watch->section)
		flock_refused(&event, file);
	event.error = 0;
	watch_tell(&event, file, watch_sinks(&event, file, 0), watch->site);
}

static void flock_over(struct trace_event *event, struct watch_file *file)
{
	if (event->id == TRACE_LOCK && event->error)
		flock_refused(event, file);
	else if (event->id == TRACE_LOCK)
		flock_granted(event, file);
	else if (!event->error && file->granted) {
		watch_held_since(event, file->granted);
		file->granted = 0;
	}
}

unsigned watch_over(struct trace_event *event, struct watch_file *file, bool section,
		    unsigned recorded)
{
	unsigned before = file->recorded;

	if (section && (event->error || event->id == TRACE_QUERY))
		return 0;
	if (section)
		return watch_section_over(event, file, watch_file_known(event->fd), recorded);
	flock_over(event, file);
	if (event->id == TRACE_LOCK && !event->error)
		file->recorded = (uint8_t)recorded;
	return before;
}

static void set_waited(struct watch *watch)
{
	struct trace_event *event = &watch->event;

	event->flags |= TRACE_WAITED;
	event->waited = event->time > watch->since ? event->time - watch->since : 0;
}

/* Apart, so that the common call has no frame of this. */
static __attribute__((noinline)) void tell_over(struct watch *watch, int error)
{
	struct trace_event *event = &watch->event;
	struct watch_file spare, *file;
	unsigned sinks = 0, before;

	file = fill(event, watch->now ? watch->now : trace_now(), error, &spare);
	if (watch->since)
		set_waited(watch);
	if (is_shadow(file))
		event->flags |= TRACE_SHADOW;
	event->used = (uint8_t)(error && event->id == TRACE_LOCK && !is_shadow(file)
					? event->asked
					: used_families(watch, file));
	/* Who is told of a grant is known before; who of a release hangs on its grant. */
	if (event->id != TRACE_RELEASE)
		sinks = watch_sinks(event, file, 0);
	before = file ? watch_over(event, file, watch->section, sinks) : 0;
	if (event->id == TRACE_RELEASE)
		sinks = watch_sinks(event, file, before);
	if (watch->probed)
		probes_answered(event);
	watch_tell(event, file, sinks, watch->site);
}

static bool is_refusal(int error)
{
	return error == EWOULDBLOCK || error == EACCES;
}

void watch_probe_request(const struct watch *watch)
{
	if (watch_file_start())
		probes_request(&watch->event);
}

int watch_answered(struct watch *watch, watch_act *act, void *context, int result)
{
	int error;

	watch->since = 0;
	if (watch->event.id != TRACE_QUERY)
		watch->event.blocker = 0;
	if (!watch->section)
		watch->event.start = watch->event.length = 0;
	if (watch->event.flags & TRACE_BLOCKING && result && is_refusal(errno)) {
		tell_waiting(watch);
		errno = watch->saved;
		result = act(context, false);
	}
	error = errno;
	watch_told.inside = false;
	tell_over(watch, result ? error : 0);
	errno = error;
	return result;
}
