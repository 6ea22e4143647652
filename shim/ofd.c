/* SPDX-License-Identifier: MIT
 * flock as an OFD lock: it belongs to the open file description, as flock's does. */
#include <sys/file.h>

#include "shim/backend.h"
#include "shim/layers.h"
#include "shim/ofd_commands.h"
#include "shim/own_ofd.h"
#include "shim/range.h"
#include "shim/record.h"

const struct record_family record_ofd = {
	.set = F_OFD_SETLK,
	.wait = F_OFD_SETLKW,
	.tag = "OFDLCK",
};

static int ofd_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	const struct layers_wish wish = {
		.blocking = request->blocking,
		.atomic = actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC,
		.keeper = actions->value[POLICY_OPEN_MODE] == POLICY_OPEN_MODE_KEEPER,
	};
	int result = LAYERS_NONE;

	if (range_used())
		result = layers_flock(request->fd,
				      request->operation == LOCK_EX ? F_WRLCK : F_RDLCK, &wish);
	if (result == LAYERS_NONE)
		result = record_acquire(&record_ofd, request, actions);
	if (result >= 0 && layers_watching())
		layers_note_flock();
	return result;
}

static int ofd_release(const struct lock_request *request)
{
	int result = range_used() ? layers_flock(request->fd, F_UNLCK, &(struct layers_wish){ 0 })
				  : LAYERS_NONE;

	return result == LAYERS_NONE ? record_release(&record_ofd, request) : result;
}

static bool by_program;

void ofd_note_program(void)
{
	__atomic_store_n(&by_program, true, __ATOMIC_RELAXED);
}

bool ofd_used_by_program(void)
{
	return __atomic_load_n(&by_program, __ATOMIC_RELAXED);
}

const struct lock_backend backend_ofd = {
	.name = "OFD lock",
	.families = POLICY_FAMILY_OFD,
	.acquire = ofd_acquire,
	.release = ofd_release,
};
