/* SPDX-License-Identifier: MIT
 * Two tables of fixed size: numbers, and the descriptions that they have. No lock; who loses a race
 * loses a time of holding. */
#include "shim/watch_file.h"

#include <pthread.h>
#include <string.h>

#include "policy/sys.h"
#include "shim/decide.h"
#include "shim/note.h"
#include "shim/object.h"
#include "shim/watch_name.h"

struct watch_tables *watch_tables;
uint32_t watch_forks;

static uint64_t owner_epoch;
static int highest, owner;

static void take_over(void)
{
	__atomic_store_n(&owner_epoch, trace_epoch(), __ATOMIC_RELAXED);
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELAXED);
}

/* What was held stays held, by whoever has the description; it is no longer ours alone. */
static void in_child(void)
{
	take_over();
	for (int fd = watch_file_next(0); fd >= 0; fd = watch_file_next(fd + 1)) {
		struct watch_file *file = watch_file_known(fd);

		file->inherited = true;
		file->locked = false;
		file->recorded = 0;
		file->path = file->rule = 0; /* the parent's numbers */
		file->quick = WATCH_SLOW;
	}
}

/* A child of a raw fork has a memory of its own, and so an epoch. */
bool watch_file_is_own(void)
{
	if (__atomic_load_n(&owner, __ATOMIC_RELAXED) == sys_getpid())
		return true;
	if (trace_epoch() == __atomic_load_n(&owner_epoch, __ATOMIC_RELAXED))
		return false;
	in_child();
	return true;
}

static void in_parent(void)
{
	(void)__atomic_fetch_add(&watch_forks, 1, __ATOMIC_RELAXED);
}

bool watch_file_start(void)
{
	struct watch_tables *none = NULL, *fresh;

	if (__atomic_load_n(&watch_tables, __ATOMIC_ACQUIRE))
		return true;
	fresh = sys_pages(sizeof *fresh);
	if (!fresh)
		return false;
	if (!__atomic_compare_exchange_n(&watch_tables, &none, fresh, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE)) {
		sys_pages_free(fresh, sizeof *fresh);
		return true;
	}
	take_over();
	return true;
}

void watch_file_follow_forks(void)
{
	(void)pthread_atfork(NULL, in_parent, in_child);
}

static struct watch_tables *started(void)
{
	return __atomic_load_n(&watch_tables, __ATOMIC_ACQUIRE);
}

int watch_file_next(int at)
{
	int top = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	for (; at <= top; at++)
		if (watch_file_known(at))
			return at;
	return -1;
}

static bool is_read_only(int fd)
{
	long flags = sys_fcntl(fd, F_GETFL, NULL);

	return flags >= 0 && (flags & O_ACCMODE) == O_RDONLY;
}

/* A brief record has no room for larger numbers, and none for the file beside its name. */
static enum watch_common quick_of(const struct watch_file *file)
{
	if (file->log || file->shadow)
		return WATCH_SLOW;
	if (file->trace == POLICY_RECORD_CONTENDED || file->trace == POLICY_RECORD_ERRORS)
		return WATCH_QUIET;
	return file->trace == POLICY_RECORD_ALL && file->path && file->path <= UINT16_MAX &&
			       file->rule <= UINT16_MAX
		       ? WATCH_BRIEF
		       : WATCH_SLOW;
}

static void keep_names(struct watch_file *file, uint64_t epoch)
{
	const uint32_t both[] = { file->path | file->rule << 16, (uint32_t)epoch };
	struct watch_pair names = watch_pair_of(both);

	for (unsigned i = 0; i < sizeof names / sizeof *names.at; i++)
		__atomic_store_n(&file->names.at[i], names.at[i], __ATOMIC_RELAXED);
}

/* The epoch comes last: another thread, or a handler, goes by none of it before. */
static void name(struct watch_file *file, const struct shim_state *state, int fd,
		 const struct object *object)
{
	uint64_t epoch;

	file->actions = decide_watched(state, fd, object, &file->by);
	file->path = watch_name_path(fd, object);
	file->rule = watch_name_rule(state, file->actions, file->by);
	file->trace = (uint8_t)file->actions->value[POLICY_TRACE];
	file->log = (uint8_t)file->actions->value[POLICY_LOG];
	file->shadow = file->actions->value[POLICY_SHADOW] != 0;
	file->quick = quick_of(file);
	epoch = trace_epoch();
	keep_names(file, epoch);
	__atomic_store_n(&file->epoch, epoch, __ATOMIC_RELEASE);
}

enum { FIRST_OFD_LOOKS = 16, OFD_LOOKS = 4 }; /* through a description; and in a second */

static void learn(struct watch_file *file, const struct shim_state *state, int fd,
		  const struct object *object)
{
	file->device = object->device;
	file->inode = object->inode;
	file->read_only = is_read_only(fd);
	file->ofd_looks = FIRST_OFD_LOOKS;
	file->inherited = note_marks(fd) & MARK_HEIR;
	file->forks = __atomic_load_n(&watch_forks, __ATOMIC_RELAXED);
	name(file, state, fd, object);
}

/* Near the number: as a rule it is free there. */
static unsigned take_place(struct watch_tables *at, int fd)
{
	unsigned i, place;
	int free_one;

	for (i = 0; i < WATCH_FILES; i++) {
		place = ((unsigned)fd + i) % (WATCH_FILES - 1) + 1;
		free_one = 0;
		if (__atomic_compare_exchange_n(&at->files[place].numbers, &free_one, 1, 0,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return place;
	}
	return 0;
}

static void give_back(struct watch_file *file)
{
	memset(file, 0, offsetof(struct watch_file, numbers));
	__atomic_store_n(&file->numbers, 0, __ATOMIC_RELEASE);
}

static void raise_highest(int fd)
{
	int seen = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	while (seen < fd && !__atomic_compare_exchange_n(&highest, &seen, fd, 1, __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
		;
}

static struct watch_file *publish(struct watch_tables *at, int fd, unsigned place)
{
	uint16_t none = 0;

	if (__atomic_compare_exchange_n(&at->file_of[fd], &none, (uint16_t)place, 0,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		raise_highest(fd);
		return &at->files[place];
	}
	give_back(&at->files[place]);
	return &at->files[none];
}

static struct watch_file *make(const struct shim_state *state, int fd, const struct object *object,
			       struct watch_file *spare)
{
	struct watch_tables *at = started();
	unsigned place = at && fd < WATCH_NUMBERS ? take_place(at, fd) : 0;

	if (place) {
		learn(&at->files[place], state, fd, object);
		return publish(at, fd, place);
	}
	memset(spare, 0, sizeof *spare);
	learn(spare, state, fd, object);
	return spare;
}

/* A number that was closed unseen is another file's. */
static bool is_still(const struct watch_file *file, const struct object *object)
{
	return file->device == object->device && file->inode == object->inode;
}

#define SOON 10000000 /* nanoseconds */

/* Another thread was writing a name. */
static bool lacks_name(const struct watch_file *file)
{
	return !file->path && file->trace != POLICY_RECORD_NO && trace_on();
}

/* Apart, so that the common call has no frame of this. */
static __attribute__((noinline)) struct watch_file *ask(const struct shim_state *state, int fd,
							uint64_t now, struct watch_file *spare)
{
	struct watch_file *file = watch_file_known(fd);
	struct object object;

	if (object_look(fd, &object))
		return NULL;
	/* What a vfork child opens is not its parent's. */
	if ((!file || !is_still(file, &object)) && !watch_file_is_own()) {
		memset(spare, 0, sizeof *spare);
		learn(spare, state, fd, &object);
		return spare;
	}
	if (file && !is_still(file, &object)) {
		watch_file_end(watch_file_closed(fd));
		file = NULL;
	}
	if (!file)
		file = make(state, fd, &object, spare);
	else if (file->epoch != trace_epoch() || lacks_name(file))
		name(file, state, fd, &object);
	if (file->ofd_looks < OFD_LOOKS)
		file->ofd_looks = OFD_LOOKS;
	file->checked = lacks_name(file) ? now - WATCH_FRESH + SOON : now;
	return file;
}

struct watch_file *watch_file_of(const struct shim_state *state, int fd, uint64_t now,
				 struct watch_file *spare)
{
	struct watch_file *file = watch_file_known(fd);

	return file && watch_file_is_fresh(file, now) ? file : ask(state, fd, now, spare);
}

void watch_file_recheck(int fd)
{
	struct watch_file *file = watch_file_known(fd);

	if (file)
		file->checked = 0;
}

struct watch_file *watch_file_closed(int fd)
{
	struct watch_file *file = watch_file_known(fd);

	if (!file || !watch_file_is_own())
		return NULL;
	if (!__atomic_exchange_n(&started()->file_of[fd], 0, __ATOMIC_ACQ_REL))
		return NULL;
	/* The last number stays counted until watch_file_end(), which frees the place. */
	if (__atomic_load_n(&file->numbers, __ATOMIC_ACQUIRE) > 1 &&
	    __atomic_sub_fetch(&file->numbers, 1, __ATOMIC_ACQ_REL) > 0)
		return NULL;
	return file;
}

void watch_file_end(struct watch_file *file)
{
	if (file)
		give_back(file);
}

void watch_file_copied(int from, int to)
{
	struct watch_file *file = watch_file_known(from);
	struct watch_tables *at = started();

	if (to < 0 || to >= WATCH_NUMBERS || from == to || (!file && !watch_file_known(to)) ||
	    !watch_file_is_own())
		return;
	/* It was closed, but perhaps unseen. */
	watch_file_end(watch_file_closed(to));
	if (!file)
		return;
	(void)__atomic_fetch_add(&file->numbers, 1, __ATOMIC_ACQ_REL);
	raise_highest(to);
	__atomic_store_n(&at->file_of[to], (uint16_t)(file - at->files), __ATOMIC_RELEASE);
}
