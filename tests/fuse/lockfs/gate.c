/* SPDX-License-Identifier: MIT
 * Knows a request by its head, as the kernel lays it out (linux/fuse.h). */
#include "tests/fuse/lockfs/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuse/lockfs/control.h"
#include "tests/fuse/lockfs/journal.h"
#include "tests/fuse/lockfs/locks.h"
#include "tests/fuse/lockfs/script.h"

#define NEVER INT64_MAX

struct kept {
	struct kept *next;
	struct fuse_buf buf;
	struct arrival arrival;
	enum operation operation;
	struct file *file;
	bool deaf;   /* to signals */
	int64_t due; /* ms */
};

struct arrival gate_current;
static struct kept *all_kept;
static unsigned long arrived;
static int device = -1; /* where answers go */

static const void *body_of(const struct fuse_buf *buf)
{
	return (const char *)buf->mem + sizeof(struct fuse_in_header);
}

static enum operation lock_operation(const struct fuse_lk_in *lk, bool wait)
{
	bool is_flock = lk->lk_flags & FUSE_LK_FLOCK;

	if (lk->lk.type == F_UNLCK)
		return is_flock ? OP_UNFLOCK : OP_UNLK;
	if (is_flock)
		return wait ? OP_FLOCKW : OP_FLOCK;
	return wait ? OP_SETLKW : OP_SETLK;
}

/* 0: nothing that is recorded. */
static enum operation operation_of(const struct fuse_buf *buf)
{
	static const enum operation plain[] = {
		[FUSE_OPEN] = OP_OPEN,   [FUSE_CREATE] = OP_CREATE, [FUSE_READ] = OP_READ,
		[FUSE_WRITE] = OP_WRITE, [FUSE_FLUSH] = OP_FLUSH,   [FUSE_RELEASE] = OP_RELEASE,
		[FUSE_GETLK] = OP_GETLK,
	};
	uint32_t opcode = ((const struct fuse_in_header *)buf->mem)->opcode;
	const void *body = body_of(buf);

	switch (opcode) {
	case FUSE_SETATTR:
		return ((const struct fuse_setattr_in *)body)->valid & FATTR_SIZE ? OP_TRUNCATE : 0;
	case FUSE_FSYNC:
		return ((const struct fuse_fsync_in *)body)->fsync_flags & FUSE_FSYNC_FDATASYNC
			       ? OP_FDATASYNC
			       : OP_FSYNC;
	case FUSE_SETLK:
	case FUSE_SETLKW:
		return lock_operation(body, opcode == FUSE_SETLKW);
	default:
		return opcode < sizeof(plain) / sizeof(plain[0]) ? plain[opcode] : 0;
	}
}

static void details_of(const struct fuse_buf *buf, enum operation operation, char *text,
		       size_t size)
{
	const uint32_t locks =
		OP_GETLK | OP_SETLK | OP_SETLKW | OP_UNLK | OP_FLOCK | OP_FLOCKW | OP_UNFLOCK;
	const struct fuse_lk_in *lk = body_of(buf);
	const struct fuse_write_in *data = body_of(buf); /* a read begins the same */

	text[0] = '\0';
	if (operation & (OP_READ | OP_WRITE))
		snprintf(text, size, " offset=%" PRIu64 " size=%u", (uint64_t)data->offset,
			 (unsigned)data->size);
	else if (operation & locks)
		snprintf(text, size, " owner=%" PRIx64 " %s start=%" PRIu64 " end=%" PRIu64,
			 (uint64_t)lk->owner,
			 lk->lk.type == F_WRLCK   ? "ex"
			 : lk->lk.type == F_RDLCK ? "sh"
						  : "un",
			 (uint64_t)lk->lk.start, (uint64_t)lk->lk.end);
	else if (operation == OP_FLUSH)
		snprintf(text, size, " owner=%" PRIx64,
			 (uint64_t)((const struct fuse_flush_in *)body_of(buf))->lock_owner);
}

static void record(const struct fuse_buf *buf, enum operation operation, const char *name)
{
	char details[128];

	details_of(buf, operation, details, sizeof(details));
	gate_current.number = ++arrived;
	journal_add(arrived, operation_name(operation), name, "pid=%u%s",
		    (unsigned)((const struct fuse_in_header *)buf->mem)->pid, details);
}

static void answer(uint64_t unique, int error)
{
	struct fuse_out_header head = { .len = sizeof(head), .error = -error, .unique = unique };

	if (write(device, &head, sizeof(head)) != sizeof(head) && errno != ENOENT)
		perror("lockfs: answer");
}

static void answer_error(unsigned error, const char *name)
{
	journal_add(gate_current.number, "answered", name, "errno=%u", error);
	answer(gate_current.unique, (int)error);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void keep(struct fuse_buf *buf, enum operation operation, struct file *file,
		 const struct rule *rule)
{
	struct kept **end = &all_kept, *kept = calloc(1, sizeof(*kept));

	if (!kept)
		abort();
	while (*end)
		end = &(*end)->next;
	*end = kept;
	kept->buf = *buf;
	buf->mem = NULL;
	kept->arrival = gate_current;
	kept->operation = operation;
	kept->file = file;
	kept->deaf = rule->action == ACTION_HANG;
	kept->due = rule->action == ACTION_WAIT ? now() + rule->value : NEVER;
	journal_add(gate_current.number, "held", file->name, "%s", "");
}

static struct kept take_out(struct kept **place)
{
	struct kept *kept = *place, copy = *kept;

	*place = kept->next;
	free(kept);
	return copy;
}

static void follow_script(struct fuse_session *session, struct fuse_buf *buf,
			  enum operation operation, struct file *file)
{
	const struct rule *rule = script_decides(operation, file->name);

	if (!rule) {
		fuse_session_process_buf(session, buf);
		return;
	}
	switch (rule->action) {
	case ACTION_ANSWER:
		answer_error(rule->value, file->name);
		return;
	case ACTION_CRASH:
		gate_crash(file);
		answer_error(EIO, file->name);
		return;
	default:
		keep(buf, operation, file, rule);
	}
}

/* libfuse is told of none: whatever waits can be found here by its number. */
static void interrupt(const struct fuse_buf *buf)
{
	uint64_t unique = ((const struct fuse_interrupt_in *)body_of(buf))->unique;

	if (locks_interrupt(unique) || control_interrupt(unique))
		return;
	for (struct kept **place = &all_kept; *place; place = &(*place)->next) {
		struct kept kept;

		if ((*place)->arrival.unique != unique || (*place)->deaf)
			continue;
		kept = take_out(place);
		gate_current = kept.arrival;
		answer_error(EINTR, kept.file->name);
		free(kept.buf.mem);
		return;
	}
}

void gate_take(struct fuse_session *session, struct fuse_buf *buf)
{
	const struct fuse_in_header *head = buf->mem;
	enum operation operation = operation_of(buf);
	struct file *file = files_at(head->nodeid);

	device = fuse_session_fd(session);
	if (head->opcode == FUSE_INTERRUPT) {
		interrupt(buf);
		return;
	}
	gate_current.unique = head->unique;
	if (!operation || (!file && operation != OP_CREATE)) {
		fuse_session_process_buf(session, buf);
		return;
	}
	record(buf, operation,
	       file ? file->name : (const char *)body_of(buf) + sizeof(struct fuse_create_in));
	if (!file || (operation == OP_RELEASE && file->crashed))
		fuse_session_process_buf(session, buf);
	else if (file->crashed)
		answer_error(EIO, file->name);
	else
		follow_script(session, buf, operation, file);
}

void gate_pass_due(struct fuse_session *session)
{
	for (struct kept **place = &all_kept; *place;) {
		struct kept kept;

		if ((*place)->due > now()) {
			place = &(*place)->next;
			continue;
		}
		kept = take_out(place);
		gate_current = kept.arrival;
		journal_add(gate_current.number, "goes-on", kept.file->name, "%s", "");
		fuse_session_process_buf(session, &kept.buf);
		free(kept.buf.mem);
		place = &all_kept;
	}
}

int gate_ms_to_next(void)
{
	int64_t next = NEVER;

	for (const struct kept *kept = all_kept; kept; kept = kept->next)
		if (kept->due < next)
			next = kept->due;
	if (next == NEVER)
		return -1;
	next -= now();
	return next < 0 ? 0 : next > INT32_MAX ? INT32_MAX : (int)next;
}

void gate_go(uint32_t operations, const char *file)
{
	for (struct kept *kept = all_kept; kept; kept = kept->next)
		if ((kept->operation & operations) && (!file || !strcmp(kept->file->name, file)))
			kept->due = 0;
}

void gate_crash(struct file *file)
{
	struct arrival crashed_by = gate_current;

	file->crashed = true;
	journal_add(gate_current.number, "crash", file->name, "%s", "");
	locks_forget(file);
	for (struct kept **place = &all_kept; *place;) {
		struct kept kept;

		if ((*place)->file != file) {
			place = &(*place)->next;
			continue;
		}
		kept = take_out(place);
		gate_current = kept.arrival;
		answer_error(EIO, file->name);
		free(kept.buf.mem);
	}
	gate_current = crashed_by;
}
