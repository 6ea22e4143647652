/* SPDX-License-Identifier: MIT
 * Finds, makes, checks and maps the file. No descriptor stays open; a file that was replaced since
 * is mapped anew. */
#include "shim/state.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/own_fd.h"
#include "shim/say.h"
#include "shim/start.h"
#include "shim/state_record.h"

#define PLACE_ROOM 232 /* a state-dir of 200 bytes and a name */
#define NAME "/state"

/* A page of its own. One that was replaced stays, as another thread may be in it. */
struct mapping {
	struct state *state;
	uint64_t device, inode;
	uint32_t user;
	char path[PLACE_ROOM];
};
static struct mapping *mapped;

/* Files mapped, and failures in a row: a process whose files vanish all the time gives up. */
static unsigned tries;
#define TRIES 16

/* A file that was found, on its way to be mapped. */
struct found {
	char path[PLACE_ROOM];
	uint32_t user;
	bool make;           /* the directory, where it is not there */
	bool shared;         /* by the group that the administrator gave it */
	uint32_t group;      /* the directory's */
	const char *trouble; /* what was wrong, where something was */
};

static int open_at(const char *path, int flags, unsigned mode)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_openat, AT_FDCWD, path,
				       flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
				       mode),
			       saved);
}

static void make_directory(const char *path)
{
	int saved = errno;

	syscall(SYS_mkdirat, AT_FDCWD, path, 0700);
	errno = saved;
}

static bool is_good_directory(struct found *found, const struct stat *is)
{
	bool group = is->st_mode & S_IWGRP;

	if (!S_ISDIR(is->st_mode) || is->st_mode & S_IWOTH ||
	    (is->st_uid != found->user && is->st_uid != 0) || (group && is->st_uid != 0)) {
		found->trouble = "its directory is another's, or others may write it";
		return false;
	}
	found->shared = group;
	found->group = is->st_gid;
	return true;
}

/* As state.h says; found->path is the directory's. */
static bool look_at_directory(struct found *found)
{
	struct own_fd own = { 0 };
	bool good = false;

	if (found->make)
		make_directory(found->path);
	own.fd = open_at(found->path, O_PATH | O_DIRECTORY, 0);
	if (own.fd < 0) {
		if (own.fd == -ELOOP || own.fd == -ENOTDIR)
			found->trouble = "its directory is none";
		return false;
	}
	if (!sys_fstat(own.fd, &own.is))
		good = is_good_directory(found, &own.is);
	own_fd_close(&own);
	return good;
}

static bool is_good_file(struct found *found, const struct stat *is)
{
	const unsigned others = S_IWOTH | (found->shared ? 0 : S_IWGRP);

	if (!S_ISREG(is->st_mode) || is->st_nlink != 1 || is->st_mode & others ||
	    (is->st_uid != found->user && is->st_uid != 0 && !found->shared)) {
		found->trouble = "it is no file, another's, or others may write it";
		return false;
	}
	if (is->st_size && is->st_size != (off_t)sizeof(struct state)) {
		found->trouble = "its size is another's";
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
static void set_up(const struct found *found, int fd)
{
	int saved = errno;

	if (found->shared)
		syscall(SYS_fchown, fd, -1, found->group);
	syscall(SYS_fchmod, fd, found->shared ? 0660 : 0600);
	errno = saved;
}

static int open_file(struct found *found)
{
	int fd = open_at(found->path, O_RDWR, 0);

	if (fd != -ENOENT)
		return fd;
	fd = open_at(found->path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd >= 0)
		set_up(found, fd);
	return fd == -EEXIST ? open_at(found->path, O_RDWR, 0) : fd;
}

static bool mark(uint32_t *word, uint32_t value)
{
	uint32_t seen = 0;

	return __atomic_compare_exchange_n(word, &seen, value, 0, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE) ||
	       seen == value;
}

static struct state *map_file(struct found *found, int fd)
{
	int saved = errno;
	struct state *state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	errno = saved;
	if (state == MAP_FAILED) {
		found->trouble = "it can't be mapped";
		return NULL;
	}
	if (mark(&state->magic[0], STATE_MAGIC_0) && mark(&state->magic[1], STATE_MAGIC_1) &&
	    mark(&state->version, STATE_VERSION) && mark(&state->size, sizeof *state))
		return state;
	found->trouble = "it is another version's";
	sys_pages_free(state, sizeof *state);
	return NULL;
}

static struct state *open_and_map(struct found *found, struct own_fd *own)
{
	own->fd = open_file(found);
	if (own->fd < 0) {
		found->trouble = "it can't be opened";
		return NULL;
	}
	if (sys_fstat(own->fd, &own->is) || !is_good_file(found, &own->is))
		return NULL;
	if (!own->is.st_size && !reserve(own->fd)) {
		found->trouble = "no room for it";
		return NULL;
	}
	return map_file(found, own->fd);
}

/* The first to publish wins; who comes second gives its own back. */
static struct mapping *publish(struct mapping *old, const struct found *found, struct state *state,
			       const struct stat *is)
{
	struct mapping *mapping = sys_pages(sizeof *mapping);

	if (!mapping)
		return NULL;
	*mapping = (struct mapping){ state, is->st_dev, is->st_ino, found->user, "" };
	memcpy(mapping->path, found->path, sizeof mapping->path);
	if (__atomic_compare_exchange_n(&mapped, &old, mapping, 0, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return mapping;
	sys_pages_free(state, sizeof *state);
	sys_pages_free(mapping, sizeof *mapping);
	return old;
}

static struct mapping *map_found(struct mapping *old, struct found *found)
{
	struct own_fd own;
	struct mapping *mapping = NULL;
	struct state *state;

	if (!look_at_directory(found))
		return NULL;
	strcat(found->path, NAME);
	state = open_and_map(found, &own);
	if (state)
		mapping = publish(old, found, state, &own.is);
	own_fd_close(&own);
	return mapping;
}

static bool is_own_directory(const char *path, uint32_t user)
{
	struct own_fd own = { .fd = open_at(path, O_PATH | O_DIRECTORY, 0) };
	bool is = own.fd >= 0 && !sys_fstat(own.fd, &own.is) && own.is.st_uid == user;

	own_fd_close(&own);
	return is;
}

/* root's directory of a session comes and goes, and its services may each have a /tmp of their own:
 * /run is where they meet. */
static const struct place {
	const char *before, *after; /* the user's number; after NULL: without it */
	bool make, root, others;    /* for whom */
	bool in_own;                /* only where what is before AFTER is the user's */
} places[] = {
	{ "/run/lockshim", NULL, .root = true, .others = true },
	{ "/run/lockshim-", "", .make = true, .root = true },
	{ "/run/user/", "/lockshim", .make = true, .others = true, .in_own = true },
	{ "/tmp/lockshim-", "", .make = true, .root = true, .others = true },
};

/* False where this one is not for us. */
static bool use_place(struct found *found, const struct place *place)
{
	char digits[24];

	if (!(found->user ? place->others : place->root))
		return false;
	strcpy(found->path, place->before);
	if (place->after)
		strcat(found->path, say_number(digits, found->user));
	if (place->in_own && !is_own_directory(found->path, found->user))
		return false;
	if (place->after)
		strcat(found->path, place->after);
	found->make = place->make;
	return true;
}

static struct mapping *map_anew(struct mapping *old, struct found *found)
{
	const char *given = policy_state_dir(shim_state()->policy);
	struct mapping *mapping = NULL;
	size_t i;

	if (given) {
		if (strlen(given) + sizeof NAME > PLACE_ROOM)
			return NULL;
		strcpy(found->path, given);
		found->make = true;
		return map_found(old, found);
	}
	for (i = 0; !mapping && i < sizeof places / sizeof places[0]; i++)
		if (use_place(found, &places[i]))
			mapping = map_found(old, found);
	return mapping;
}

/* Somebody may have cleaned up, and cut it short: a store would kill us. */
static bool is_current(const struct mapping *mapping, uint32_t user)
{
	struct own_fd own = { .fd = -1 };
	bool is;

	if (!mapping || mapping->user != user)
		return false;
	own.fd = open_at(mapping->path, O_PATH, 0);
	is = own.fd >= 0 && !sys_fstat(own.fd, &own.is) && own.is.st_dev == mapping->device &&
	     own.is.st_ino == mapping->inode && own.is.st_size == (off_t)sizeof(struct state);
	own_fd_close(&own);
	return is;
}

static void say_off(const struct found *found)
{
	static bool said;

	if (!__atomic_test_and_set(&said, __ATOMIC_RELAXED))
		say("no state shared with other processes, ", found->path, ": ",
		    found->trouble ? found->trouble : "there is no place for it",
		    "; deadlocks are not looked for", NULL);
}

struct state *state_get(const struct state_self *self)
{
	struct mapping *mapping = __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);
	struct found found = { .user = (uint32_t)syscall(SYS_geteuid) };

	if (!is_current(mapping, found.user)) {
		if (__atomic_load_n(&tries, __ATOMIC_RELAXED) >= TRIES)
			return NULL;
		__atomic_fetch_add(&tries, 1, __ATOMIC_RELAXED);
		mapping = map_anew(mapping, &found);
	}
	if (!mapping)
		say_off(&found);
	else
		state_register(mapping->state, self);
	return mapping ? mapping->state : NULL;
}
