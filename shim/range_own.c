/* SPDX-License-Identifier: MIT
 * Read from the kernel after a refusal, planned as a whole, then gone to: up first, then down. */
#include "shim/range_own.h"

#include "policy/sys.h"
#include "shim/fd_list.h"
#include "shim/heir.h"
#include "shim/layers.h"
#include "shim/mixed_own.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/pieces.h"
#include "shim/range.h"
#include "shim/record.h"

/* FD itself is the first. */
#define OWN_MAX 64

struct own {
	int fd;
	struct pieces held, wanted;
};

struct plan {
	struct mixed_range range;
	unsigned count;
	bool full;
	int flocks; /* that have to make room */
	int flock[OWN_MAX];
	struct own at[OWN_MAX];
};

static bool is_listed(const struct plan *plan, int fd, const struct pieces *held)
{
	unsigned i;

	for (i = 0; i < plan->count; i++)
		if (pieces_are_of_one(plan->at[i].fd, &plan->at[i].held, fd, held))
			return true;
	return false;
}

static bool collect(void *context, int fd)
{
	struct plan *plan = context;
	struct own *own = &plan->at[plan->count];

	if (plan->count == OWN_MAX) {
		plan->full = true;
		return false;
	}
	if (!pieces_read(&own->held, fd)) {
		plan->full = true;
		return false;
	}
	if (!pieces_against(&own->held, &plan->range) || is_listed(plan, fd, &own->held))
		return true;
	if (pieces_type_at(&own->held, MIXED_EOF) != F_UNLCK) {
		if (plan->flocks < OWN_MAX)
			plan->flock[plan->flocks++] = fd;
		return true;
	}
	/* What came with a fork is the other process's, as long as that has it. */
	if (heir_is(fd)) {
		if (heir_whose(fd) != HEIR_OURS)
			return true;
		heir_adopt(fd);
		note_mark(fd, MARK_RANGES);
	}
	own->fd = fd;
	plan->count++;
	return true;
}

static bool read_own(struct plan *plan, int fd, const struct mixed_range *range)
{
	struct stat file;

	plan->range = *range;
	plan->count = 1;
	plan->flocks = 0;
	plan->at[0].fd = fd;
	return !sys_fstat(fd, &file) && pieces_read(&plan->at[0].held, fd) &&
	       !fd_list_of(&file, collect, plan) && !plan->full;
}

/* Two read locks over the same bytes of the range: the earlier in the list keeps them. Only what
 * was asked for is touched, here as below: other threads ask for the rest. */
static bool hold_once(const struct plan *plan, struct own *own, const struct own *before)
{
	struct pieces *without = &own->wanted;
	unsigned i;

	pieces_copy(without, &own->held);
	for (i = 0; i < before->held.count; i++) {
		struct mixed_range part = range_common(&before->held.at[i], &plan->range);

		part.type = F_UNLCK;
		if (range_overlaps(&before->held.at[i], &plan->range) && !pieces_put(without, part))
			return false;
	}
	pieces_down(own->fd, &own->held, without);
	pieces_copy(&own->held, without);
	return true;
}

/* In OWN's description what it holds of the range becomes of its type, and FD's stays as it was
 * there. */
static bool plan_one(struct plan *plan, struct own *own)
{
	unsigned i;

	pieces_copy(&own->wanted, &own->held);
	for (i = 0; i < own->held.count; i++) {
		const struct mixed_range *piece = &own->held.at[i];
		struct mixed_range part = range_common(&plan->range, piece);

		if (!range_overlaps(piece, &plan->range))
			continue;
		if (!pieces_put(&own->wanted, part))
			return false;
		part.type = F_UNLCK;
		if (!pieces_put(&plan->at[0].wanted, part))
			return false;
	}
	return true;
}

static bool make_plan(struct plan *plan)
{
	unsigned i, j;

	for (i = 1; i < plan->count; i++)
		for (j = 0; j < i; j++)
			if (!hold_once(plan, &plan->at[i], &plan->at[j]))
				return false;
	pieces_copy(&plan->at[0].wanted, &plan->at[0].held);
	if (!pieces_put(&plan->at[0].wanted, plan->range))
		return false;
	for (i = 1; i < plan->count; i++)
		if (!plan_one(plan, &plan->at[i]))
			return false;
	return true;
}

/* A description that is not open for writing has a read lock there: FD takes one too, and then the
 * other can go, as far as the range goes. -EBUSY: plan anew. */
static int take_reading(struct plan *plan, struct own *own)
{
	struct pieces *mine = &plan->at[0].wanted;
	struct mixed_range range = plan->range, ignored;
	unsigned i;
	int result;

	pieces_copy(mine, &plan->at[0].held);
	for (i = 0; i < own->held.count; i++)
		if (range_overlaps(&own->held.at[i], &range) &&
		    !pieces_put(mine, range_common(&own->held.at[i], &range)))
			return -ENOLCK;
	result = pieces_up(plan->at[0].fd, &plan->at[0].held, mine, &ignored);
	if (result)
		return result == -EAGAIN ? -ENOLCK : result;
	range.type = F_UNLCK;
	pieces_copy(&own->wanted, &own->held);
	if (!pieces_put(&own->wanted, range))
		return -ENOLCK;
	pieces_down(own->fd, &own->held, &own->wanted);
	return -EBUSY;
}

static int go(struct plan *plan, struct range_refusal *ret_refusal)
{
	unsigned i, done;
	int result = 0;

	for (i = 0; !result && i < plan->count; i++)
		result = pieces_up(plan->at[i].fd, &plan->at[i].held, &plan->at[i].wanted,
				   &ret_refusal->range);
	done = result ? i - 1 : i;
	if (result) {
		ret_refusal->fd = plan->at[done].fd;
		ret_refusal->held = pieces_type_at(&plan->at[done].held, ret_refusal->range.start);
	}
	for (i = 0; i < done; i++)
		pieces_down(plan->at[i].fd, result ? &plan->at[i].wanted : &plan->at[i].held,
			    result ? &plan->at[i].held : &plan->at[i].wanted);
	if (result == -EBADF && done)
		return take_reading(plan, &plan->at[done]);
	return result == -EACCES ? -EAGAIN : result;
}

/* The kernel names a process only for a POSIX lock. */
static bool meets_own_posix(int fd, const struct mixed_range *range)
{
	struct flock record = {
		.l_type = range->type,
		.l_whence = SEEK_SET,
		.l_start = range->start,
		.l_len = range->end - range->start + 1,
	};

	return !sys_fcntl(fd, F_OFD_GETLK, &record) && record.l_type != F_UNLCK &&
	       record.l_pid == sys_getpid();
}

/* Without /proc: who refused is another, unless this process has locks through other descriptors.
 */
static int untold(const struct plan *plan, int fd, struct range_refusal *ret_refusal)
{
	int other = note_next_marked(0, MARK_RANGES);

	while (other >= 0 && (other == fd || !fd_is_same_file(fd, other)))
		other = note_next_marked(other + 1, MARK_RANGES);
	if (plan->full || other >= 0)
		return -ENOLCK;
	*ret_refusal = (struct range_refusal){ fd, plan->range, F_UNLCK };
	return -EAGAIN;
}

/* It is another process, and would be waited for for ever. */
static bool has_keeper(int fd)
{
	struct own_holders holders;

	if (!layers_flock_met())
		return false;
	own_holders_find(&holders, fd);
	return holders.kept;
}

/* By a description that has both. What another refuses is waited for through the asking one. */
static int through_flock(const struct plan *plan, int fd, struct range_refusal *ret_refusal)
{
	int result = layers_range(fd, &plan->range, false);
	struct foreign_lock foreign;

	if (result != -EAGAIN)
		return result;
	if (!foreign_against(fd, &plan->range, &foreign))
		return -EDEADLK;
	*ret_refusal = (struct range_refusal){
		.fd = plan->at[0].fd,
		.range = range_common(&plan->range, &foreign.range),
		.held = F_UNLCK,
	};
	return -EAGAIN;
}

/* -EBUSY: plan anew, without them. */
static int make_room(const struct plan *plan, struct range_refusal *ret_refusal)
{
	int i;

	for (i = 0; i < plan->flocks; i++)
		if (!layers_make_room(plan->flock[i], &plan->range))
			return through_flock(plan, plan->flock[i], ret_refusal);
	return -EBUSY;
}

static int set_once(struct plan *plan, int fd, const struct mixed_range *range,
		    struct range_refusal *ret_refusal)
{
	if (!read_own(plan, fd, range))
		return untold(plan, fd, ret_refusal);
	if (meets_own_posix(fd, range) || has_keeper(fd))
		return plan->count > 1 ? -EDEADLK : RANGE_POSIX;
	if (plan->flocks)
		return make_room(plan, ret_refusal);
	if (!make_plan(plan))
		return -ENOLCK;
	return go(plan, ret_refusal);
}

int range_own_set(int fd, const struct mixed_range *range, struct range_refusal *ret_refusal)
{
	struct plan *plan = sys_pages(sizeof *plan);
	int result = plan ? -EBUSY : -ENOLCK;

	while (result == -EBUSY)
		result = set_once(plan, fd, range, ret_refusal);
	if (plan)
		sys_pages_free(plan, sizeof *plan);
	return result;
}

bool range_own_make_room(int fd, const struct mixed_range *range)
{
	struct plan *plan = sys_pages(sizeof *plan);
	struct range_refusal ignored;
	bool made = plan && read_own(plan, fd, range) && plan->flocks &&
		    make_room(plan, &ignored) == -EBUSY;

	if (plan)
		sys_pages_free(plan, sizeof *plan);
	return made;
}
