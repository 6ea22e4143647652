/* SPDX-License-Identifier: MIT
 * Asked without waiting first. What a refusal means is flock's to say, not the record lock's. */
#include "shim/record.h"

#include <string.h>
#include <sys/file.h>

#include "policy/sys.h"
#include "shim/deadlock.h"
#include "shim/hazard.h"
#include "shim/hazard_meet.h"
#include "shim/keeper.h"
#include "shim/keeper_bytes.h"
#include "shim/mixed.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/proc_fd.h"
#include "shim/say.h"
#include "shim/standin.h"
#include "shim/upgrade.h"

static void say_of(int fd, enum step_aside kind)
{
	struct stat st;

	if (say_debugging() && !sys_fstat(fd, &st))
		say_aside(kind, st.st_dev, st.st_ino, NULL);
}

/* flock's own errnos: EINVAL is a kernel before 3.15, which flock calls ENOLCK. */
static int answer_of(int fd, int result)
{
	switch (result) {
	case -EAGAIN:
	case -EACCES:
		return -EWOULDBLOCK;
	case -EINVAL:
		say_of(fd, ASIDE_NO_OFD);
		return -ENOLCK;
	default:
		return result;
	}
}

/* "lock:\t1: OFDLCK  ADVISORY  READ -1 fe:00:42 0 EOF", one such line a lock of this description.
 * A part of the file is the program's own affair. True where it can't be told. */
static bool inherits_shared(const struct record_family *family, int fd)
{
	char text[768];
	long len = proc_fd_info(fd, text, sizeof text);
	const char *line;
	size_t rest;

	if (len < 0 || len == (long)sizeof text - 1)
		return true;
	for (line = text; (line = strstr(line, family->tag)); line += rest) {
		rest = strcspn(line, "\n");
		if (memmem(line, rest, " READ ", 6) && memmem(line, rest, " 0 EOF", 6))
			return true;
	}
	return false;
}

/* The text is read through a descriptor, which is not for every round of a polling loop. */
static bool may_hold_shared(const struct record_family *family, int fd)
{
	unsigned note = note_get(fd);

	/* Asked where it was shared too: who shares the description may have made more of it. */
	if (note && !(note & NOTE_SHARED))
		return false;
	if (inherits_shared(family, fd) || keeper_is_ours(fd, KEEPER_SHARED))
		return true;
	if (!note)
		note_set(fd, NOTE_ASKED);
	return false;
}

/* A refused LOCK_EX lets go of a shared lock that this description holds, as flock does: two
 * holders that both upgrade would wait for each other for ever. Nothing else is let go: whoever
 * shares the description may have been granted LOCK_EX since. */
static void drop_shared(const struct record_family *family, int fd)
{
	if (!may_hold_shared(family, fd))
		return;
	if (keeper_is_ours(fd, KEEPER_SHARED))
		keeper_release(fd);
	record_set(fd, family->set, F_UNLCK, 0, 0);
	note_set(fd, note_get(fd) & ~(unsigned)NOTE_SHARED);
}

static bool another_stands_against(int fd, short type)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET };

	return !sys_fcntl(fd, F_GETLK, &record) && record.l_type != F_UNLCK;
}

/* A keeper is another process: our own POSIX lock would stand in its way. What is left of an
 * exclusive one keeps others from the whole file until the keeper has its shared one. */
static int acquire_past_posix(const struct keeper_request *wanted)
{
	short held = wanted->type == F_WRLCK ? F_RDLCK : F_WRLCK;
	int result;

	if (!note_get(wanted->fd))
		return keeper_acquire(wanted);
	if (wanted->atomic && !wanted->blocking && another_stands_against(wanted->fd, wanted->type))
		return -EWOULDBLOCK;
	record_set(wanted->fd, F_SETLK, F_UNLCK, 0, held == F_WRLCK ? KEEPER_END : 0);
	result = keeper_acquire(wanted);
	if (result >= 0)
		record_set(wanted->fd, F_SETLK, F_UNLCK, 0, 0);
	else if (held == F_WRLCK || result == -EBADF)
		record_set(wanted->fd, F_SETLK, held, 0, 0);
	return result;
}

static int acquire_by_keeper(const struct record_family *family, const struct lock_request *request,
			     const struct policy_actions *actions, short type)
{
	const struct keeper_request wanted = {
		.fd = request->fd,
		.type = type,
		.blocking = request->blocking,
		.atomic = actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC,
	};

	if (hazard_shown() && family == &record_ofd)
		hazard_flock_refused(request->fd, type);
	return family == &record_posix ? acquire_past_posix(&wanted) : keeper_acquire(&wanted);
}

/* An ordinary OFD lock of the stand-in, whatever the family: a POSIX lock of this process would not
 * outlive a close of the original. */
static int acquire_through(int through, const struct lock_request *request,
			   const struct policy_actions *actions)
{
	struct lock_request moved = *request;
	int result;

	moved.fd = through;
	result = record_acquire(&record_ofd, &moved, actions);
	if (result >= 0)
		standin_granted(through, request->operation == LOCK_SH);
	return result;
}

/* A POSIX lock would be dropped where the file is opened and closed; under `drop` it may go. */
static int acquire_by_standin(const struct record_family *family,
			      const struct lock_request *request,
			      const struct policy_actions *actions)
{
	bool drop = family == &record_posix && request->operation == LOCK_EX &&
		    note_get(request->fd) & NOTE_SHARED &&
		    actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_DROP;
	int through;

	if (drop)
		record_set(request->fd, F_SETLK, F_UNLCK, 0, 0);
	through = standin_make(request->fd);
	if (through >= 0)
		return acquire_through(through, request, actions);
	if (drop)
		record_set(request->fd, F_SETLK, F_RDLCK, 0, 0);
	return through;
}

/* The description was not opened for this lock. */
static int acquire_elsewhere(const struct record_family *family, const struct lock_request *request,
			     const struct policy_actions *actions, short type)
{
	int result = -EBADF;

	if (request->unsure)
		return result;
	if (actions->value[POLICY_OPEN_MODE] == POLICY_OPEN_MODE_KEEPER)
		result = acquire_by_keeper(family, request, actions, type);
	if (actions->value[POLICY_OPEN_MODE] == POLICY_OPEN_MODE_REOPEN)
		result = acquire_by_standin(family, request, actions);
	if (actions->value[POLICY_OPEN_MODE] == POLICY_OPEN_MODE_FAIL)
		say_of(request->fd, ASIDE_OPEN_MODE);
	return result;
}

/* The kernel would find a cycle of POSIX locks itself. */
static bool is_atomic_upgrade(const struct record_family *family, int fd,
			      const struct policy_actions *actions, short type)
{
	return type == F_WRLCK && family == &record_ofd &&
	       actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC &&
	       may_hold_shared(family, fd);
}

/* What is kept while another is waited for can close a cycle. */
static int wait_watched(int fd, short type)
{
	struct deadlock_wait wait;
	int result = deadlock_begin(&wait, fd, type, 0, INT64_MAX);

	if (!result)
		result = record_set(fd, F_OFD_SETLKW, type, 0, 0);
	deadlock_end(&wait);
	return result;
}

static int wait_for(const struct record_family *family, const struct lock_request *request,
		    const struct policy_actions *actions, short type)
{
	if (type == F_WRLCK && actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_DROP)
		drop_shared(family, request->fd);
	if (!request->blocking)
		return -EWOULDBLOCK;
	if (is_atomic_upgrade(family, request->fd, actions, type))
		return answer_of(request->fd, upgrade_wait(request->fd));
	if (family == &record_ofd && actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC)
		return answer_of(request->fd, wait_watched(request->fd, type));
	return answer_of(request->fd, record_set(request->fd, family->wait, type, 0, 0));
}

/* A keeper stands in the way, ours or another's that is about to leave. True where that is over and
 * the lock may be asked for again. */
static bool make_way(const struct record_family *family, const struct policy_actions *actions,
		     int fd, short type, enum keeper_sight sight)
{
	if (sight == KEEPER_NONE)
		return false;
	if (!keeper_is_ours(fd, sight))
		return keeper_waited_out(fd, type, sight);
	/* Ours is a reader here, which goes before the lock can be exclusive: unless others read
	 * too and it is to stay. Its bytes end before the last ones. */
	if (actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC) {
		if (record_set(fd, family->set, type, KEEPER_ORDER, 0))
			return false;
		record_set(fd, family->set, F_UNLCK, KEEPER_ORDER, 0);
	}
	drop_shared(family, fd);
	return true;
}

/* Somebody's lock stands against it. */
static int acquire_refused(const struct record_family *family, const struct lock_request *request,
			   const struct policy_actions *actions, short type)
{
	enum keeper_sight sight = keeper_look(request->fd, type);
	int result;

	if (hazard_shown() && family == &record_ofd)
		hazard_flock_refused(request->fd, type);
	if (type == F_RDLCK && sight == KEEPER_EXCLUSIVE && keeper_is_ours(request->fd, sight))
		return keeper_downgrade(request->fd, request->blocking);
	/* Or it was gone before it was looked at. */
	if ((sight == KEEPER_NONE || make_way(family, actions, request->fd, type, sight)) &&
	    !record_set(request->fd, family->set, type, 0, 0))
		return 0;
	if (family == &record_ofd) {
		result = mixed_take_ofd(request->fd, type, request->blocking,
					actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC);
		if (result != -EAGAIN)
			return answer_of(request->fd, result);
	}
	return wait_for(family, request, actions, type);
}

static int acquire_directly(const struct record_family *family, const struct lock_request *request,
			    const struct policy_actions *actions, short type)
{
	int result = record_set(request->fd, family->set, type, 0, 0);

	switch (result) {
	case 0:
		return 0;
	case -EBADF:
		return acquire_elsewhere(family, request, actions, type);
	case -EAGAIN:
	case -EACCES:
		return acquire_refused(family, request, actions, type);
	default:
		return answer_of(request->fd, result);
	}
}

/* EX to SH is granted at once and lets nobody in between. */
int record_acquire(const struct record_family *family, const struct lock_request *request,
		   const struct policy_actions *actions)
{
	short type = request->operation == LOCK_EX ? F_WRLCK : F_RDLCK;
	int result, through = standin_through(request->fd);

	if (through != request->fd)
		return acquire_through(through, request, actions);
	result = acquire_directly(family, request, actions, type);
	if (result >= 0 && family == &record_posix)
		mixed_note_posix();
	return result;
}

static void release_keeper(int fd)
{
	keeper_release(fd);
	note_set(fd, note_get(fd) & ~(unsigned)NOTE_KEPT);
}

/* Where nothing is noted, what we were handed may be a keeper's. */
int record_release(const struct record_family *family, const struct lock_request *request)
{
	int result, through = standin_through(request->fd);
	unsigned note = note_get(request->fd);

	if (through != request->fd)
		return record_release(&record_ofd, &(struct lock_request){ .fd = through });
	if (note & NOTE_KEPT || (!(note & NOTE_FAMILIES) && keeper_may_hold(request->fd)))
		release_keeper(request->fd);
	result = record_set(request->fd, family->set, F_UNLCK, 0, 0);
	if (family == &record_ofd)
		mixed_released(request->fd);
	return answer_of(request->fd, result);
}
