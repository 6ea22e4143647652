/* SPDX-License-Identifier: MIT
 * The state's directories, one after the other, and one within. */
#include "shim/trace_place.h"

#include <string.h>

#include "shim/own_fd.h"
#include "shim/say.h"

/* The writer makes sure of the rest. */
static bool make_within(struct state_place *place)
{
	char digits[24];
	int saved = errno;
	struct own_fd own;
	bool good;

	strcat(place->path, "/trace");
	if (place->shared) {
		strcat(place->path, "-");
		strcat(place->path, say_number(digits, place->user));
	}
	syscall(SYS_mkdirat, AT_FDCWD, place->path, 0700);
	errno = saved;
	own.fd = state_open(place->path, O_PATH | O_DIRECTORY, 0);
	good = own.fd >= 0 && !sys_fstat(own.fd, &own.is) && own.is.st_uid == place->user;
	own_fd_close(&own);
	return good;
}

const char *trace_place(char into[TRACE_PLACE_ROOM])
{
	struct state_place place = { .user = (uint32_t)syscall(SYS_geteuid) };
	bool good;

	for (unsigned turn = 0; state_place_take(&place, turn, &good); turn++)
		if (good && make_within(&place))
			return memcpy(into, place.path, TRACE_PLACE_ROOM);
	return NULL;
}
