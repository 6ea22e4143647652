/* SPDX-License-Identifier: MIT
 * Which holds a release lets go: its own descriptor's first, then what could have come to it by
 * dup, exec, fork or SCM_RIGHTS. */
#include "cli/holders_table.h"

static bool is_by_close(const struct cli_lock *release)
{
	return release->call == TRACE_CALL_CLOSE || release->call == TRACE_CALL_EXIT;
}

static bool is_any(int32_t fd, int32_t wanted)
{
	return wanted < 0 || fd == wanted;
}

/* An unlock of a POSIX lock goes for the process, however it was asked for; what is left of one
 * that became an OFD lock goes with its descriptor. */
static bool is_own(const struct cli_hold *hold, const struct cli_lock *release)
{
	const struct cli_lock *lock = &hold->lock;
	bool of_process = cli_holders_lock_of_process(lock);

	if (lock->process != release->process)
		return false;
	if ((release->asked || release->used) && of_process != cli_holders_lock_of_process(release))
		return false;
	if (of_process && (!is_by_close(release) || lock->used == TRACE_FAMILY_POSIX))
		return true;
	return is_any(lock->fd, release->fd);
}

static bool is_duplicate(const struct cli_hold *hold, const struct cli_lock *release)
{
	return hold->lock.process == release->process &&
	       !cli_holders_lock_of_process(&hold->lock) && !cli_holders_lock_of_process(release);
}

static bool is_before_exec(const struct cli_hold *hold, const struct cli_lock *release)
{
	return hold->lock.process != release->process &&
	       hold->lock.process->pid == release->process->pid &&
	       (cli_holders_lock_of_process(&hold->lock) || is_any(hold->lock.fd, release->fd));
}

static bool is_inherited(const struct cli_hold *hold, const struct cli_lock *release)
{
	return (hold->handed_on || hold->lock.flags & TRACE_INHERITED) &&
	       release->flags & TRACE_INHERITED && !cli_holders_lock_of_process(&hold->lock);
}

static const struct {
	bool (*fits)(const struct cli_hold *hold, const struct cli_lock *release);
	bool one; /* a guess: the newest alone */
} ways[] = {
	{ is_own, false },
	{ is_duplicate, true },
	{ is_before_exec, false },
	{ is_inherited, true },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static bool release_by(struct cli_holders *holders, struct holders_file *file, size_t way,
		       const struct cli_lock *release)
{
	struct holders_hold **link = &file->holds;
	bool any = false;

	while (*link && !(any && ways[way].one)) {
		if (cli_holders_lock_touch(&(*link)->hold.lock, release) &&
		    ways[way].fits(&(*link)->hold, release)) {
			any = true;
			link = cli_holders_hold_cut(holders, file, link, release, release->begin,
						    CLI_HELD_RELEASED);
		} else {
			link = &(*link)->next;
		}
	}
	return any;
}

/* The grant is older than the trace, or was overwritten. */
static void tell_ungranted(struct cli_holders *holders, struct holders_file *file,
			   const struct trace_event *event, const struct cli_lock *release)
{
	struct cli_hold hold = { .lock = *release };

	if (!(event->flags & TRACE_HELD) || event->held > event->time)
		return;
	hold.lock.begin = event->time - event->held;
	hold.lock.number = ++holders->numbers;
	cli_holders_hold_tell(holders, file, &hold, event->time, CLI_HELD_RELEASED);
}

void cli_holders_release(struct cli_holders *holders, struct holders_file *file,
			 const struct trace_record *record, bool wanted)
{
	struct cli_lock release;

	if (record->event.error && !(record->event.flags & TRACE_HELD))
		return;
	cli_holders_lock_fill(&release, record, wanted);
	for (size_t way = 0; way < WAYS; way++) {
		if (release_by(holders, file, way, &release))
			return;
	}
	tell_ungranted(holders, file, &record->event, &release);
}
