/* SPDX-License-Identifier: MIT
 * A list of what is held and a list of who waits. */
#include "tests/fuse/lockfs/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tests/fuse/lockfs/journal.h"

struct held {
	struct held *next;
	struct lock lock;
};

struct waiter {
	struct waiter *next;
	struct lock wanted;
	fuse_req_t request;
	unsigned long number;
	uint64_t unique;
};

static struct held *all_held;
static struct waiter *all_waiting;

static bool overlap(const struct lock *a, const struct lock *b)
{
	return a->file == b->file && a->is_flock == b->is_flock && a->start <= b->end &&
	       b->start <= a->end;
}

const struct lock *locks_in_the_way(const struct lock *wanted)
{
	for (struct held *held = all_held; held; held = held->next) {
		if (held->lock.owner == wanted->owner || !overlap(&held->lock, wanted))
			continue;
		if (held->lock.type == F_WRLCK || wanted->type == F_WRLCK)
			return &held->lock;
	}
	return NULL;
}

static void hold(const struct lock *lock, uint64_t start, uint64_t end)
{
	struct held *held = malloc(sizeof(*held));

	if (!held)
		abort();
	held->lock = *lock;
	held->lock.start = start;
	held->lock.end = end;
	held->next = all_held;
	all_held = held;
}

/* What is left of the owner's lock on both sides of WANTED stays. */
static bool cut_out(struct held **place, const struct lock *wanted)
{
	struct held *held = *place;
	struct lock lock = held->lock;

	*place = held->next;
	free(held);
	if (lock.start < wanted->start)
		hold(&lock, lock.start, wanted->start - 1);
	if (lock.end > wanted->end)
		hold(&lock, wanted->end + 1, lock.end);
	return wanted->type == F_UNLCK || (wanted->type == F_RDLCK && lock.type == F_WRLCK);
}

/* True where others may now get what they could not. */
static bool carve(const struct lock *wanted, unsigned long number)
{
	struct held **place = &all_held;
	uint64_t handle = 0;
	bool weaker = false;

	while (*place) {
		if ((*place)->lock.owner != wanted->owner || !overlap(&(*place)->lock, wanted)) {
			place = &(*place)->next;
			continue;
		}
		/* What it puts back does not overlap. */
		handle = (*place)->lock.handle;
		weaker |= cut_out(place, wanted);
		place = &all_held;
	}
	if (weaker)
		journal_add(number, "let-go", wanted->file->name, "%s handle=%" PRIu64 "%s",
			    wanted->is_flock ? "flock" : "record", handle,
			    wanted->type == F_RDLCK ? " shared" : "");
	return weaker;
}

static void answer(struct waiter **place, int error, const char *word)
{
	struct waiter *waiter = *place;

	*place = waiter->next;
	journal_add(waiter->number, word, waiter->wanted.file->name, "pid=%u",
		    (unsigned)waiter->wanted.pid);
	fuse_reply_err(waiter->request, error);
	free(waiter);
}

/* From the head again after each grant: it may have weakened what its owner held. */
static void wake(void)
{
	struct waiter **place = &all_waiting;

	while (*place) {
		struct lock wanted = (*place)->wanted;

		if (locks_in_the_way(&wanted)) {
			place = &(*place)->next;
			continue;
		}
		(void)carve(&wanted, (*place)->number);
		hold(&wanted, wanted.start, wanted.end);
		answer(place, 0, "granted");
		place = &all_waiting;
	}
}

static void queue(fuse_req_t request, const struct lock *wanted, unsigned long number,
		  uint64_t unique)
{
	struct waiter **end = &all_waiting, *waiter = malloc(sizeof(*waiter));

	if (!waiter)
		abort();
	while (*end)
		end = &(*end)->next;
	*waiter = (struct waiter){
		.wanted = *wanted, .request = request, .number = number, .unique = unique
	};
	*end = waiter;
	journal_add(number, "waits", wanted->file->name, "pid=%u", (unsigned)wanted->pid);
}

static void refuse(fuse_req_t request, const struct lock *wanted, bool wait, unsigned long number,
		   uint64_t unique)
{
	/* flock lets go of a shared lock before it asks for an exclusive one. */
	if (wanted->is_flock)
		locks_drop_owner(wanted->file, true, wanted->owner, number);
	if (wait && locks_in_the_way(wanted))
		queue(request, wanted, number, unique);
	else if (wait)
		locks_request(request, wanted, wait, number, unique);
	if (wait)
		return;
	journal_add(number, "refused", wanted->file->name, "pid=%u", (unsigned)wanted->pid);
	fuse_reply_err(request, EAGAIN);
}

void locks_request(fuse_req_t request, const struct lock *wanted, bool wait, unsigned long number,
		   uint64_t unique)
{
	bool weaker;

	if (wanted->type != F_UNLCK && locks_in_the_way(wanted)) {
		refuse(request, wanted, wait, number, unique);
		return;
	}
	weaker = carve(wanted, number);
	if (wanted->type != F_UNLCK) {
		hold(wanted, wanted->start, wanted->end);
		journal_add(number, "granted", wanted->file->name, "pid=%u", (unsigned)wanted->pid);
	}
	fuse_reply_err(request, 0);
	if (weaker)
		wake();
}

void locks_drop_owner(struct file *file, bool is_flock, uint64_t owner, unsigned long number)
{
	struct lock all = { .file = file,
			    .is_flock = is_flock,
			    .owner = owner,
			    .end = UINT64_MAX,
			    .type = F_UNLCK };

	if (carve(&all, number))
		wake();
}

static const struct held *held_through(const struct file *file, uint64_t handle)
{
	for (const struct held *held = all_held; held; held = held->next)
		if (held->lock.file == file && !held->lock.is_flock && held->lock.handle == handle)
			return held;
	return NULL;
}

void locks_drop_handle(struct file *file, uint64_t handle, unsigned long number)
{
	const struct held *held;

	while ((held = held_through(file, handle)))
		locks_drop_owner(file, false, held->lock.owner, number);
}

void locks_forget(struct file *file)
{
	for (struct held **place = &all_held; *place;) {
		struct held *held = *place;

		if (held->lock.file != file) {
			place = &held->next;
			continue;
		}
		*place = held->next;
		free(held);
	}
	for (struct waiter **place = &all_waiting; *place;) {
		if ((*place)->wanted.file == file)
			answer(place, EIO, "lost");
		else
			place = &(*place)->next;
	}
}

bool locks_interrupt(uint64_t unique)
{
	for (struct waiter **place = &all_waiting; *place; place = &(*place)->next) {
		if ((*place)->unique != unique)
			continue;
		answer(place, EINTR, "interrupted");
		return true;
	}
	return false;
}
