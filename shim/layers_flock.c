/* SPDX-License-Identifier: MIT
 * flock on a description that has record locks, or beside those of others of this process. */
#include <errno.h>

#include "policy/sys.h"
#include "shim/deferred.h"
#include "shim/foreign.h"
#include "shim/layers_map.h"
#include "shim/ofd_commands.h"
#include "shim/record.h"

/* -EBUSY once it is had: the next round goes on from there. Else nothing but what LAYERS says is
 * held afterwards. */
static int wait_for(int fd, struct layers *layers, const struct mixed_range *refused)
{
	struct mixed_range ignored;
	int result = record_set(fd, F_OFD_SETLKW, refused->type, refused->start,
				refused->end == MIXED_EOF ? 0 : refused->end - refused->start + 1);

	if (!result)
		return -EBUSY;
	if (pieces_read(&layers->held, fd))
		(void)layers_map_go(fd, layers, layers->flock, &ignored);
	return result;
}

/* A keeper would wait for this process's own record locks. */
static int refuse_keeper(struct layers *layers, const struct layers_wish *wish)
{
	if (!layers->asked)
		layers_map_others(layers);
	if (!wish->keeper || (!layers->others.count && !layers->ranges.count))
		return LAYERS_NONE;
	return wish->blocking ? -EDEADLK : -EWOULDBLOCK;
}

/* What was waited for is no record lock: those are read once. */
/* Where the flock leaves bytes to this process's own read locks, others may read, too. */
static bool is_read_by_others(const struct layers *layers)
{
	struct foreign_lock foreign;
	unsigned i;

	for (i = 0; i < layers->others.count; i++) {
		struct mixed_range range = layers->others.at[i];
		bool reads = range.type == F_RDLCK;

		range.type = F_WRLCK;
		if (reads && foreign_against(layers->fd, &range, &foreign))
			return true;
	}
	return false;
}

/* Granted, but for bytes that others read: asked for again every 10 ms, since the kernel can't be
 * asked to wait for them. */
static int wait_for_readers(int fd, struct layers *layers, const struct layers_wish *wish)
{
	struct mixed_range ignored;

	if (!wish->atomic)
		layers->flock = F_UNLCK;
	if (!pieces_read(&layers->held, fd))
		return -ENOLCK;
	(void)layers_map_go(fd, layers, layers->flock, &ignored);
	if (!pieces_read(&layers->held, fd))
		return -ENOLCK;
	if (!wish->blocking)
		return -EWOULDBLOCK;
	return deferred_pause() ? -EINTR : -EBUSY;
}

static int flock_round(int fd, struct layers *layers, short type, const struct layers_wish *wish)
{
	struct mixed_range refused;
	/* Down from an exclusive one nothing is asked that could be refused. */
	int result =
		record_is_open_for(fd, type) ? layers_map_go(fd, layers, type, &refused) : -EBADF;

	if (result == -EBADF)
		return refuse_keeper(layers, wish);
	if (!result && type == F_WRLCK && is_read_by_others(layers))
		return wait_for_readers(fd, layers, wish);
	if (result != -EAGAIN)
		return result;
	if (!layers->asked) {
		layers_map_others(layers);
		return layers->others.count ? -EBUSY : flock_round(fd, layers, type, wish);
	}
	if (!layers->others.count && !layers->ranges.count)
		return LAYERS_NONE;
	if (layers->flock == F_RDLCK && !wish->atomic) {
		layers->flock = F_UNLCK;
		(void)layers_map_go(fd, layers, F_UNLCK, &refused);
	}
	if (!wish->blocking)
		return -EWOULDBLOCK;
	result = wait_for(fd, layers, &refused);
	if (result == -EBUSY && !pieces_read(&layers->held, fd))
		return -ENOLCK;
	return result;
}

int layers_flock(int fd, short type, const struct layers_wish *wish)
{
	struct layers *layers = sys_pages(sizeof *layers);
	int result = layers ? layers_map_read(layers, fd) : -ENOLCK;

	if (!result && type == F_UNLCK && !layers->ranges.count)
		result = LAYERS_NONE;
	if (!result && type == F_UNLCK)
		result = layers_map_unlocked(fd, layers, type);
	else if (!result)
		do
			result = flock_round(fd, layers, type, wish);
		while (result == -EBUSY);
	if (layers)
		sys_pages_free(layers, sizeof *layers);
	return result;
}
