/* SPDX-License-Identifier: MIT
 * Around each call that takes a lock or lets go of one: what it lets go of is flushed, what it was
 * granted remembered. */
#include "shim/flush.h"

#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/file.h>

#include "policy/sys.h"
#include "shim/at_load.h"
#include "shim/flush_due.h"
#include "shim/flush_sync.h"
#include "shim/note.h"
#include "shim/numbers.h"
#include "shim/object.h"
#include "shim/revalidate.h"

unsigned char heed_bits;

int flush_before_flock(int fd, int operation, const struct policy_actions *around, bool keeps)
{
	if (!around->value[POLICY_ON_UNLOCK] || (operation != LOCK_SH && keeps))
		return 0;
	return flush_due(fd, operation == LOCK_SH ? HELD_EXCLUSIVE : HELD_FLOCK);
}

void flush_note_flock(int fd, bool exclusive, const struct decision *made)
{
	unsigned bits = HELD_FLOCK | (exclusive ? HELD_EXCLUSIVE : 0);

	if (note_get(fd) & NOTE_POSIX)
		bits |= HELD_POSIX;
	flush_held_drop(fd, HELD_EXCLUSIVE);
	flush_held_add(fd, bits, made->file, made->around);
}

int flush_before_unlock(int fd)
{
	return flush_due(fd, HELD_FLOCK);
}

void flush_note_unlock(int fd)
{
	const struct flush_held held = flush_held_get(fd);

	flush_held_drop(fd, HELD_FLOCK);
	if (note_get(fd) & NOTE_POSIX)
		flush_held_drop_file(held.file, HELD_POSIX);
}

void flush_before_record(struct flush_record *record)
{
	unsigned bits = record->type == F_UNLCK ? HELD_RECORD | HELD_POSIX : HELD_WRITE;

	record->failed = record->type == F_WRLCK ? 0 : flush_due(record->fd, bits);
}

static unsigned bits_of(const struct flush_record *record, const struct policy_actions *around)
{
	unsigned bits = record->ofd ? HELD_RECORD : HELD_POSIX;

	if (record->ofd && around->value[POLICY_OFD_CALLS] == POLICY_OFD_CALLS_POSIX)
		bits |= HELD_POSIX;
	if (!record->ofd && around->value[POLICY_FCNTL] == POLICY_FCNTL_OFD)
		bits |= HELD_RECORD;
	return bits | (record->type == F_WRLCK ? HELD_WRITE : 0);
}

/* A family that was not asked may hold on. */
static void record_unlocked(const struct flush_record *record)
{
	struct object object;
	unsigned bits;

	if (!record->whole || !flush_held_get(record->fd).bits ||
	    object_look(record->fd, &object) || object.kind)
		return;
	bits = bits_of(record, decide_around(shim_state(), record->fd, &object));
	flush_held_drop(record->fd, bits);
	flush_held_drop_file(object_hash(&object), bits & HELD_POSIX);
}

static void record_granted(const struct flush_record *record)
{
	const struct policy_actions *around;
	struct object object;

	if (object_look(record->fd, &object) || object.kind)
		return;
	around = decide_around(shim_state(), record->fd, &object);
	if (around->value[POLICY_ON_UNLOCK])
		flush_held_add(record->fd, bits_of(record, around), object_hash(&object), around);
	if (around->value[POLICY_ON_LOCK] == POLICY_ON_LOCK_REVALIDATE)
		(void)revalidate(record->fd);
}

int flush_record_done(const struct flush_record *record)
{
	if (record->type == F_UNLCK)
		record_unlocked(record);
	else if (record->type == F_RDLCK || record->type == F_WRLCK)
		record_granted(record);
	return record->failed;
}

static void forget(int fd, uint32_t file)
{
	flush_held_forget(fd);
	if (file)
		flush_held_drop_file(file, HELD_POSIX);
}

/* It would move the offset back of a stream that was read, which fclose does not. What it could not
 * write it throws away, so that fclose has no error to tell. */
static int write_buffer(FILE *stream)
{
	return stream && __fpending(stream) && fflush(stream) ? -errno : 0;
}

/* Where a close tells what could not be written. */
static bool tells_at_close(int fd)
{
	static const uint32_t magics[] = { OBJECT_FUSE, OBJECT_NFS, OBJECT_CIFS, OBJECT_SMB2 };
	const uint32_t magic = object_magic(fd);
	size_t i;

	for (i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (magics[i] == magic)
			return true;
	return false;
}

/* An earlier flush took it, or this one. */
static int owed_by(int fd)
{
	int error = flush_held_claim(fd, flush_held_get(fd).file);

	return error && tells_at_close(fd) ? -error : 0;
}

static int close_one(int fd, FILE *stream)
{
	struct flush_held held;
	int failed = 0, unwritten = 0, saved = errno, owed;

	if (flush_is_due(fd, HELD_ANY, &held)) {
		unwritten = write_buffer(stream);
		failed = flush_sync(fd, &held);
	}
	owed = owed_by(fd);
	failed = failed ? failed : owed;
	forget(fd, held.file);
	errno = saved;
	return unwritten ? unwritten : failed;
}

int flush_answer_sync(int fd, int result)
{
	struct object object;
	int owed;

	if (!flush_held_get(fd).owed || object_look(fd, &object))
		return result;
	owed = flush_held_claim(fd, object_hash(&object));
	if (result || !owed)
		return result;
	errno = owed;
	return -1;
}

/* A thread may have descriptors of its own. -ENOENT: kernels before 3.17. */
static int each_number(bool (*see)(void *context, int fd), void *context)
{
	int result = numbers_each("/proc/thread-self/fd", see, context);

	return result == -ENOENT ? numbers_each("/proc/self/fd", see, context) : result;
}

struct range {
	unsigned first, last;
	int failed;
};

static bool close_number(void *context, int fd)
{
	struct range *range = context;
	int failed;

	if ((unsigned)fd < range->first || (unsigned)fd > range->last)
		return true;
	failed = close_one(fd, NULL);
	range->failed = failed ? failed : range->failed;
	return true;
}

/* A program may close all numbers one by one, and be they not open. */
int flush_closing(unsigned first, unsigned last)
{
	struct range range = { .first = first, .last = last };
	unsigned fd;

	if (first == last)
		return close_one((int)first, NULL);
	if (each_number(close_number, &range))
		for (fd = first; fd <= last && fd < FLUSH_HELD_NUMBERS; fd++)
			(void)close_number(&range, (int)fd);
	return range.failed;
}

void flush_not_closed(void)
{
	flush_held_stray();
}

int flush_closing_stream(FILE *stream, int fd)
{
	return fd < 0 ? 0 : close_one(fd, stream);
}

/* Where it is not replaced after all it may hold what it held. */
void flush_replacing(int to)
{
	if (to < 0)
		return;
	(void)flush_due(to, HELD_ANY);
	flush_held_doubt(to);
}

void flush_note_copy(int from, int to)
{
	if (to >= 0)
		flush_held_copy(from, to);
}

static bool exec_number(void *context, int fd)
{
	(void)context;
	if (sys_fcntl(fd, F_GETFD, NULL) & FD_CLOEXEC)
		(void)flush_due(fd, HELD_ANY);
	return true;
}

static bool end_number(void *context, int fd)
{
	(void)context;
	(void)flush_due(fd, HELD_ANY);
	return true;
}

static void flush_each(bool (*see)(void *context, int fd))
{
	int fd;

	if (each_number(see, NULL))
		for (fd = 0; fd < FLUSH_HELD_NUMBERS; fd++)
			(void)see(NULL, fd);
}

void flush_before_exec(void)
{
	flush_each(exec_number);
}

void flush_before_end(void)
{
	flush_each(end_number);
}

static bool doubt_number(void *context, int fd)
{
	(void)context;
	flush_doubt(fd);
	return true;
}

void flush_start(void)
{
	if (flush_held_start())
		flush_each(doubt_number);
	heed_from_now(HEED_FLUSH);
}

/* quick_exit ends past all wrappers of ours. */
__attribute__((constructor)) AT_LOAD static void flush_from_load(void)
{
	if (shim_state()->around_most.value[POLICY_ON_UNLOCK])
		(void)at_quick_exit(flush_before_end);
}

__attribute__((destructor)) AT_LOAD static void flush_at_exit(void)
{
	if (flush_on())
		flush_before_end();
}
