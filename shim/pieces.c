/* SPDX-License-Identifier: MIT
 * A walk along two lists at once: wherever they differ one lock call. */
#include "shim/pieces.h"

#include <string.h>

#include "shim/fd_list.h"
#include "shim/fdinfo_locks.h"
#include "shim/ofd_commands.h"
#include "shim/record.h"

bool pieces_read(struct pieces *ret, int fd)
{
	struct lock_lines lines;
	struct listed_lock lock;
	bool whole = !lock_lines_of(&lines, fd);

	ret->count = 0;
	while (whole && lock_lines_next(&lines, &lock))
		if (lock.family == LISTED_OFD && !lock.wait)
			whole = pieces_put(ret,
					   (struct mixed_range){ lock.start, lock.end, lock.type });
	lock_lines_end(&lines);
	return whole;
}

void pieces_copy(struct pieces *to, const struct pieces *from)
{
	to->count = from->count;
	memcpy(to->at, from->at, from->count * sizeof from->at[0]);
}

bool pieces_are_of_one(int fd, const struct pieces *held, int other, const struct pieces *others)
{
	int same = fd == other ? 1 : fd_same_description(fd, other);
	unsigned i;

	if (same >= 0)
		return same;
	same = held->count == others->count;
	for (i = 0; same && i < held->count; i++)
		same = held->at[i].start == others->at[i].start &&
		       held->at[i].end == others->at[i].end &&
		       held->at[i].type == others->at[i].type;
	return same;
}

short pieces_type_at(const struct pieces *pieces, int64_t byte)
{
	unsigned i;

	for (i = 0; i < pieces->count; i++)
		if (pieces->at[i].start <= byte && byte <= pieces->at[i].end)
			return pieces->at[i].type;
	return F_UNLCK;
}

bool pieces_against(const struct pieces *pieces, const struct mixed_range *range)
{
	unsigned i;

	for (i = 0; i < pieces->count; i++)
		if (range_overlaps(&pieces->at[i], range) &&
		    (range->type == F_WRLCK || pieces->at[i].type == F_WRLCK))
			return true;
	return false;
}

static void insert(struct pieces *pieces, unsigned at, struct mixed_range range)
{
	memmove(pieces->at + at + 1, pieces->at + at, (pieces->count - at) * sizeof pieces->at[0]);
	pieces->at[at] = range;
	pieces->count++;
}

static void remove_at(struct pieces *pieces, unsigned at)
{
	pieces->count--;
	memmove(pieces->at + at, pieces->at + at + 1, (pieces->count - at) * sizeof pieces->at[0]);
}

/* Takes RANGE out of the piece at AT: where the next to look at is. */
static unsigned cut(struct pieces *pieces, unsigned at, const struct mixed_range *range)
{
	struct mixed_range *piece = &pieces->at[at], right = *piece;

	if (piece->end < range->start || piece->start > range->end)
		return at + 1;
	right.start = range->end + 1;
	if (piece->start < range->start) {
		bool splits = piece->end > range->end;

		piece->end = range->start - 1;
		if (splits)
			insert(pieces, at + 1, right);
		return at + 1 + splits;
	}
	if (piece->end > range->end) {
		*piece = right;
		return at + 1;
	}
	remove_at(pieces, at);
	return at;
}

static bool are_one(const struct mixed_range *left, const struct mixed_range *right)
{
	return left->type == right->type && left->end != MIXED_EOF && left->end + 1 == right->start;
}

static void join(struct pieces *pieces, unsigned at)
{
	if (at + 1 >= pieces->count || !are_one(&pieces->at[at], &pieces->at[at + 1]))
		return;
	pieces->at[at].end = pieces->at[at + 1].end;
	remove_at(pieces, at + 1);
}

bool pieces_put(struct pieces *pieces, struct mixed_range range)
{
	unsigned at = 0;

	/* One split and one new. */
	if (pieces->count + 2 > PIECES_MAX)
		return false;
	while (at < pieces->count)
		at = cut(pieces, at, &range);
	if (range.type == F_UNLCK)
		return true;
	for (at = 0; at < pieces->count && pieces->at[at].start < range.start;)
		at++;
	insert(pieces, at, range);
	join(pieces, at);
	if (at)
		join(pieces, at - 1);
	return true;
}

/* A section in which neither list changes. */
struct step {
	int64_t start, end;
	short from, to;
};

static int64_t end_of(const struct pieces *pieces, int64_t start)
{
	unsigned i;

	for (i = 0; i < pieces->count; i++) {
		if (pieces->at[i].start > start)
			return pieces->at[i].start - 1;
		if (pieces->at[i].end >= start)
			return pieces->at[i].end;
	}
	return MIXED_EOF;
}

static struct step step_at(const struct pieces *from, const struct pieces *to, int64_t start)
{
	int64_t a = end_of(from, start), b = end_of(to, start);

	return (struct step){
		.start = start,
		.end = a < b ? a : b,
		.from = pieces_type_at(from, start),
		.to = pieces_type_at(to, start),
	};
}

static int strength(short type)
{
	return type == F_WRLCK ? 2 : type == F_RDLCK;
}

static int set_step(int fd, const struct step *step, short type)
{
	int64_t length = step->end == MIXED_EOF ? 0 : step->end - step->start + 1;

	return record_set(fd, F_OFD_SETLK, type, step->start, length);
}

/* What became stronger before the section at BEFORE was refused; the last byte went first. */
static void undo(int fd, const struct pieces *from, const struct pieces *to, int64_t before)
{
	struct step step = { .end = -1 };

	while (step.end < MIXED_EOF) {
		step = step_at(from, to, step.end + 1);
		if (strength(step.to) > strength(step.from) &&
		    (step.start < before || step.end == MIXED_EOF))
			(void)set_step(fd, &step, step.from);
	}
}

/* The last byte first: whoever has that keeps all others from the whole file. */
int pieces_up(int fd, const struct pieces *from, const struct pieces *to,
	      struct mixed_range *ret_refused)
{
	struct step step = step_at(from, to, MIXED_EOF);
	int result = 0;

	if (strength(step.to) > strength(step.from))
		result = set_step(fd, &step, step.to);
	if (!result)
		step.end = -1;
	while (!result && step.end < MIXED_EOF) {
		step = step_at(from, to, step.end + 1);
		if (strength(step.to) > strength(step.from))
			result = set_step(fd, &step, step.to);
	}
	if (!result)
		return 0;
	*ret_refused = (struct mixed_range){ step.start, step.end, step.to };
	undo(fd, from, to, step.start == MIXED_EOF ? 0 : step.start);
	return result;
}

void pieces_down(int fd, const struct pieces *from, const struct pieces *to)
{
	struct step step = { .end = -1 };

	while (step.end < MIXED_EOF) {
		step = step_at(from, to, step.end + 1);
		if (strength(step.to) < strength(step.from))
			(void)set_step(fd, &step, step.to);
	}
}
