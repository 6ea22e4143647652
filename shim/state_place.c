/* SPDX-License-Identifier: MIT
 * Directories, one after the other. */
#include "shim/state_place.h"

#include <string.h>

#include "shim/own_fd.h"
#include "shim/say.h"
#include "shim/start.h"

static void make_directory(const char *path)
{
	int saved = errno;

	syscall(SYS_mkdirat, AT_FDCWD, path, 0700);
	errno = saved;
}

static bool is_good_directory(struct state_place *place, const struct stat *is)
{
	bool group = is->st_mode & S_IWGRP;

	if (!S_ISDIR(is->st_mode) || is->st_mode & S_IWOTH ||
	    (is->st_uid != place->user && is->st_uid != 0) || (group && is->st_uid != 0)) {
		place->trouble = "its directory is another's, or others may write it";
		return false;
	}
	place->shared = group;
	place->group = is->st_gid;
	return true;
}

/* As state.h says; place->path is the directory's. */
static bool look_at_directory(struct state_place *place)
{
	struct own_fd own = { 0 };
	bool good = false;

	if (place->make)
		make_directory(place->path);
	own.fd = state_open(place->path, O_PATH | O_DIRECTORY, 0);
	if (own.fd < 0) {
		if (own.fd == -ELOOP || own.fd == -ENOTDIR)
			place->trouble = "its directory is none";
		return false;
	}
	if (!sys_fstat(own.fd, &own.is))
		good = is_good_directory(place, &own.is);
	own_fd_close(&own);
	return good;
}

static bool is_own_directory(const char *path, uint32_t user)
{
	struct own_fd own = { .fd = state_open(path, O_PATH | O_DIRECTORY, 0) };
	bool is = own.fd >= 0 && !sys_fstat(own.fd, &own.is) && own.is.st_uid == user;

	own_fd_close(&own);
	return is;
}

/* root's directory of a session comes and goes, and its services may each have a /tmp of their own:
 * /run is where they meet. */
static const struct row {
	const char *before, *after; /* the user's number; after NULL: without it */
	bool make, root, others;    /* for whom */
	bool in_own;                /* only where what is before AFTER is the user's */
} rows[] = {
	{ "/run/lockshim", NULL, .root = true, .others = true },
	{ "/run/lockshim-", "", .make = true, .root = true },
	{ "/run/user/", "/lockshim", .make = true, .others = true, .in_own = true },
	{ "/tmp/lockshim-", "", .make = true, .root = true, .others = true },
};

/* False where this one is not for us. */
static bool use_row(struct state_place *place, const struct row *row)
{
	char digits[24];

	if (!(place->user ? row->others : row->root))
		return false;
	strcpy(place->path, row->before);
	if (row->after)
		strcat(place->path, say_number(digits, place->user));
	if (row->in_own && !is_own_directory(place->path, place->user))
		return false;
	if (row->after)
		strcat(place->path, row->after);
	place->make = row->make;
	return true;
}

bool state_place_take(struct state_place *place, unsigned turn, bool *ret_good)
{
	const char *given = policy_process_text(shim_state()->policy, POLICY_STATE_DIR);

	*ret_good = false;
	if (turn >= (given ? 1 : sizeof rows / sizeof rows[0]))
		return false;
	if (!given) {
		*ret_good = use_row(place, &rows[turn]) && look_at_directory(place);
		return true;
	}
	if (strlen(given) > STATE_PLACE_ROOM - 32)
		return false;
	strcpy(place->path, given);
	place->make = true;
	*ret_good = look_at_directory(place);
	return true;
}
