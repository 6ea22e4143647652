/* SPDX-License-Identifier: MIT
 * What becomes stronger first; what was done is undone where a part is refused. */
#include "shim/range_divided.h"

#include <errno.h>

#include "policy/sys.h"
#include "shim/layers.h"
#include "shim/ofd_commands.h"
#include "shim/pieces.h"
#include "shim/range_core.h"

int range_set_one(int fd, const struct mixed_range *range)
{
	int result = layers_range(fd, range, false);

	return result == LAYERS_NONE ? range_ask(fd, F_OFD_SETLK, range) : result;
}

/* FROM without INSTEAD's bytes. False where there is no room. */
static bool take_off(struct pieces *from, const struct pieces *instead)
{
	unsigned i;

	for (i = 0; i < instead->count; i++)
		if (!pieces_put(from, (struct mixed_range){ instead->at[i].start,
							    instead->at[i].end, F_UNLCK }))
			return false;
	return true;
}

/* Where a part of a request was refused: what was done as it was before. */
static void restore(int fd, const struct pieces *before, const struct mixed_range *changed)
{
	struct pieces *free = sys_pages(sizeof *free);
	struct mixed_range part;
	unsigned i;

	for (i = 0; i < before->count; i++) {
		part = range_common(&before->at[i], changed);
		if (part.start <= part.end)
			(void)range_set_one(fd, &part);
	}
	if (!free)
		return;
	(void)pieces_put(free, *changed);
	if (take_off(free, before))
		for (i = 0; i < free->count; i++) {
			free->at[i].type = F_UNLCK;
			(void)range_set_one(fd, &free->at[i]);
		}
	sys_pages_free(free, sizeof *free);
}

struct divided {
	struct pieces before, held, rest; /* FD's own, the other's, and what is asked of FD */
};

/* Of what OWN's description holds: DOWN: what becomes weaker, else the rest of it. */
static int set_others(int own, const struct pieces *held, const struct mixed_range *range,
		      bool down, bool wait)
{
	int result = 0;
	unsigned i;

	for (i = 0; !result && i < held->count; i++) {
		struct mixed_range part = range_common(range, &held->at[i]);
		bool weaker = held->at[i].type == F_WRLCK && range->type == F_RDLCK;

		if (part.start <= part.end && weaker == down)
			result = range_refused(own, &part, wait);
	}
	return result;
}

/* What becomes weaker last, since nothing refuses that. */
static int set_parts(int fd, int own, struct divided *divided, const struct mixed_range *range,
		     bool wait)
{
	int result = set_others(own, &divided->held, range, false, wait);
	unsigned done;

	for (done = 0; !result && done < divided->rest.count; done++)
		result = layers_range(fd, &divided->rest.at[done], wait);
	if (!result)
		return set_others(own, &divided->held, range, true, wait);
	while (done--)
		restore(fd, &divided->before, &divided->rest.at[done]);
	restore(own, &divided->held, range);
	return result;
}

/* Through OWN what its description holds of RANGE; through FD, which has a flock, the rest. The
 * rest first: it can be undone. */
int range_divided_set(int fd, int own, const struct mixed_range *range, bool wait)
{
	struct divided *divided = sys_pages(sizeof *divided);
	int result = -ENOLCK;

	if (!divided)
		return result;
	if (pieces_read(&divided->held, own) && layers_ranges(fd, &divided->before) &&
	    pieces_put(&divided->rest, *range) && take_off(&divided->rest, &divided->held))
		result = set_parts(fd, own, divided, range, wait);
	sys_pages_free(divided, sizeof *divided);
	return result;
}
