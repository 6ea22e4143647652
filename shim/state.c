/* SPDX-License-Identifier: MIT
 * Finds, makes, checks and maps the file. No descriptor stays open; a file that was replaced since
 * is mapped anew. */
#include "shim/state.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/own_fd.h"
#include "shim/say.h"
#include "shim/state_place.h"
#include "shim/state_record.h"

#define NAME "/state"

/* A page of its own. One that was replaced stays, as another thread may be in it. */
struct mapping {
	struct state *state;
	uint64_t device, inode;
	uint32_t user;
	char path[STATE_PLACE_ROOM];
};
static struct mapping *mapped;

/* Files mapped, and failures in a row: a process whose files vanish all the time gives up. */
static unsigned tries;
#define TRIES 64

static bool is_good_file(struct state_place *place, const struct stat *is)
{
	const unsigned others = S_IWOTH | (place->shared ? 0 : S_IWGRP);

	if (!S_ISREG(is->st_mode) || is->st_nlink != 1 || is->st_mode & others ||
	    (is->st_uid != place->user && is->st_uid != 0 && !place->shared)) {
		place->trouble = "it is no file, another's, or others may write it";
		return false;
	}
	if (is->st_size && is->st_size != (off_t)sizeof(struct state)) {
		place->trouble = "its size is another's";
		return false;
	}
	return true;
}

/* The kernel sends SIGXFSZ to who goes beyond its limit. */
static bool may_grow(void)
{
	uint64_t limit[2] = { 0, 0 };
	int saved = errno;
	bool may = !syscall(SYS_prlimit64, 0, 1 /* RLIMIT_FSIZE */, NULL, limit);

	errno = saved;
	return may && limit[0] >= sizeof(struct state);
}

/* A store into a hole of a full file system would be SIGBUS. */
static bool reserve(int fd)
{
	const uint32_t size = sizeof(struct state);
	int saved = errno;
	long result;

	if (!may_grow())
		return false;
#if __SIZEOF_LONG__ == 8 || defined __x86_64__
	result = syscall(SYS_fallocate, fd, 0, (int64_t)0, (int64_t)size);
#elif __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	result = syscall(SYS_fallocate, fd, 0, 0, 0, 0, size);
#else
	result = syscall(SYS_fallocate, fd, 0, 0, 0, size, 0);
#endif
	errno = saved;
	return !result;
}

/* Others write it too, so that nothing is put in its place: an empty one is all zeros. */
static void set_up(const struct state_place *place, int fd)
{
	int saved = errno;

	if (place->shared)
		syscall(SYS_fchown, fd, -1, place->group);
	syscall(SYS_fchmod, fd, place->shared ? 0660 : 0600);
	errno = saved;
}

static int open_file(struct state_place *place)
{
	int fd = state_open(place->path, O_RDWR, 0);

	if (fd != -ENOENT)
		return fd;
	fd = state_open(place->path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd >= 0)
		set_up(place, fd);
	return fd == -EEXIST ? state_open(place->path, O_RDWR, 0) : fd;
}

/* A compare-and-swap that fails writes all the same: another version's file would be touched. */
static bool mark(uint32_t *word, uint32_t value)
{
	uint32_t seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);

	if (!seen &&
	    __atomic_compare_exchange_n(word, &seen, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return true;
	return seen == value;
}

static struct state *map_file(struct state_place *place, int fd)
{
	int saved = errno;
	struct state *state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	errno = saved;
	if (state == MAP_FAILED) {
		place->trouble = "it can't be mapped";
		return NULL;
	}
	if (mark(&state->magic[0], STATE_MAGIC_0) && mark(&state->magic[1], STATE_MAGIC_1) &&
	    mark(&state->version, STATE_VERSION) && mark(&state->size, sizeof *state))
		return state;
	place->trouble = "it is another version's";
	sys_pages_free(state, sizeof *state);
	return NULL;
}

static struct state *open_and_map(struct state_place *place, struct own_fd *own)
{
	own->fd = open_file(place);
	if (own->fd < 0) {
		place->trouble = "it can't be opened";
		return NULL;
	}
	if (sys_fstat(own->fd, &own->is) || !is_good_file(place, &own->is))
		return NULL;
	if (!own->is.st_size && !reserve(own->fd)) {
		place->trouble = "no room for it";
		return NULL;
	}
	return map_file(place, own->fd);
}

/* The first to publish wins; who comes second gives its own back. */
static struct mapping *publish(struct mapping *old, const struct state_place *place,
			       struct state *state, const struct stat *is)
{
	struct mapping *mapping = sys_pages(sizeof *mapping);

	if (!mapping)
		return NULL;
	*mapping = (struct mapping){ state, is->st_dev, is->st_ino, place->user, "" };
	memcpy(mapping->path, place->path, sizeof mapping->path);
	if (__atomic_compare_exchange_n(&mapped, &old, mapping, 0, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return mapping;
	sys_pages_free(state, sizeof *state);
	sys_pages_free(mapping, sizeof *mapping);
	return old;
}

static struct mapping *map_found(struct mapping *old, struct state_place *place)
{
	struct own_fd own;
	struct mapping *mapping = NULL;
	struct state *state;

	strcat(place->path, NAME);
	state = open_and_map(place, &own);
	if (state)
		mapping = publish(old, place, state, &own.is);
	own_fd_close(&own);
	return mapping;
}

static struct mapping *map_anew(struct mapping *old, struct state_place *place)
{
	struct mapping *mapping = NULL;
	unsigned turn;
	bool good;

	for (turn = 0; !mapping && state_place_take(place, turn, &good); turn++)
		if (good)
			mapping = map_found(old, place);
	return mapping;
}

/* Somebody may have cleaned up, and cut it short: a store would kill us. */
static bool is_current(const struct mapping *mapping, uint32_t user)
{
	struct own_fd own = { .fd = -1 };
	bool is;

	if (!mapping || mapping->user != user)
		return false;
	own.fd = state_open(mapping->path, O_PATH, 0);
	is = own.fd >= 0 && !sys_fstat(own.fd, &own.is) && own.is.st_dev == mapping->device &&
	     own.is.st_ino == mapping->inode && own.is.st_size == (off_t)sizeof(struct state);
	own_fd_close(&own);
	return is;
}

bool state_is_whole(void)
{
	const struct mapping *mapping = __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);

	return mapping && is_current(mapping, mapping->user);
}

static void say_off(const struct state_place *place)
{
	static bool said;

	if (!__atomic_test_and_set(&said, __ATOMIC_RELAXED))
		say("no state shared with other processes, ", place->path, ": ",
		    place->trouble ? place->trouble : "no place for it, or another each time",
		    "; deadlocks are not looked for", NULL);
}

struct state *state_get(const struct state_self *self)
{
	struct mapping *mapping = __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);
	struct state_place place = { .user = (uint32_t)syscall(SYS_geteuid) };

	if (!is_current(mapping, place.user)) {
		if (__atomic_load_n(&tries, __ATOMIC_RELAXED) >= TRIES) {
			say_off(&place);
			return NULL;
		}
		__atomic_fetch_add(&tries, 1, __ATOMIC_RELAXED);
		mapping = map_anew(mapping, &place);
	}
	if (!mapping)
		say_off(&place);
	else
		state_register(mapping->state, self);
	return mapping ? mapping->state : NULL;
}
