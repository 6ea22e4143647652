/* SPDX-License-Identifier: MIT
 * One word a number, so that a number and its file change at once. */
#include "shim/flush_held.h"

#include <errno.h>
#include <pthread.h>

#include "policy/sys.h"

#define NUMBERS FLUSH_HELD_NUMBERS

union word {
	struct flush_held held;
	uint64_t all;
};
_Static_assert(sizeof(union word) == 8, "one word");

static uint64_t *words;
static unsigned highest; /* nothing is known above */
static int owner;        /* the process that may write */
static bool strayed;     /* what was to be remembered could not be */

bool flush_held_tells(int fd)
{
	return words && fd >= 0 && fd < NUMBERS && !__atomic_load_n(&strayed, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&owner, __ATOMIC_RELAXED) == sys_getpid();
}

bool flush_held_strayed(void)
{
	return !words || __atomic_load_n(&strayed, __ATOMIC_RELAXED);
}

void flush_held_stray(void)
{
	__atomic_store_n(&strayed, true, __ATOMIC_RELAXED);
}

struct flush_held flush_held_get(int fd)
{
	union word word = { .all = 0 };

	if (words && fd >= 0 && fd < NUMBERS)
		word.all = __atomic_load_n(&words[fd], __ATOMIC_ACQUIRE);
	return word.held;
}

static void raise_highest(unsigned fd)
{
	unsigned seen = __atomic_load_n(&highest, __ATOMIC_RELAXED);

	while (seen < fd && !__atomic_compare_exchange_n(&highest, &seen, fd, 1, __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
		;
}

static bool may_write(int fd)
{
	return words && fd >= 0 && fd < NUMBERS &&
	       __atomic_load_n(&owner, __ATOMIC_RELAXED) == sys_getpid();
}

/* Another thread may change the same number: then once more. */
static bool put(int fd, struct flush_held before, struct flush_held after)
{
	union word expected = { .held = before };
	const union word word = { .held = after };

	raise_highest((unsigned)fd);
	return __atomic_compare_exchange_n(&words[fd], &expected.all, word.all, 0, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

static struct flush_held grown(struct flush_held held, unsigned bits, uint32_t file,
			       const struct policy_actions *around)
{
	if (held.file != file) {
		held.bits &= HELD_MAYBE | HELD_TWIN;
		held.owed = 0;
	}
	held.bits |= (uint8_t)bits;
	held.file = file;
	held.flush = (uint8_t)around->value[POLICY_ON_UNLOCK];
	held.report = (uint8_t)around->value[POLICY_FLUSH_ERROR];
	return held;
}

void flush_held_add(int fd, unsigned bits, uint32_t file, const struct policy_actions *around)
{
	struct flush_held held;

	if (!may_write(fd)) {
		flush_held_stray();
		return;
	}
	do
		held = flush_held_get(fd);
	while (!put(fd, held, grown(held, bits, file, around)));
}

static struct flush_held shrunk(struct flush_held held, unsigned bits)
{
	held.bits &= (uint8_t)~bits;
	if (!(held.bits & HELD_FLOCK))
		held.bits &= (uint8_t)~HELD_EXCLUSIVE;
	if (!(held.bits & (HELD_RECORD | HELD_POSIX)))
		held.bits &= (uint8_t)~HELD_WRITE;
	return held;
}

void flush_held_drop(int fd, unsigned bits)
{
	struct flush_held held = flush_held_get(fd);

	if (!(held.bits & bits) || !may_write(fd))
		return;
	while (!put(fd, held, shrunk(held, bits)))
		held = flush_held_get(fd);
}

void flush_held_drop_file(uint32_t file, unsigned bits)
{
	int fd = flush_held_next(0, bits, file);

	for (; fd >= 0; fd = flush_held_next(fd + 1, bits, file))
		flush_held_drop(fd, bits);
}

static void owe(int fd, uint32_t file, int error)
{
	struct flush_held held, owing;

	if (!may_write(fd))
		return;
	do {
		held = owing = flush_held_get(fd);
		if (held.file != file)
			owing.bits &= HELD_MAYBE | HELD_TWIN;
		owing.file = file;
		owing.owed = (uint8_t)(error > UINT8_MAX ? EIO : error);
	} while (!put(fd, held, owing));
}

void flush_held_owe(int fd, uint32_t file, int error)
{
	int twin = flush_held_next(0, HELD_TWIN, file);

	owe(fd, file, error);
	for (; twin >= 0; twin = flush_held_next(twin + 1, HELD_TWIN, file))
		owe(twin, file, error);
}

int flush_held_claim(int fd, uint32_t file)
{
	struct flush_held held, paid;

	do {
		held = paid = flush_held_get(fd);
		if (!held.owed || held.file != file || !may_write(fd))
			return 0;
		paid.owed = 0;
	} while (!put(fd, held, paid));
	return held.owed;
}

void flush_held_forget(int fd)
{
	const struct flush_held nothing = { 0 };
	struct flush_held held;

	do
		held = flush_held_get(fd);
	while ((held.bits || held.owed) && may_write(fd) && !put(fd, held, nothing));
}

static void mark(int fd, unsigned bit)
{
	struct flush_held held, marked;

	if (!may_write(fd))
		return;
	do {
		held = marked = flush_held_get(fd);
		marked.bits |= (uint8_t)bit;
	} while (held.bits != marked.bits && !put(fd, held, marked));
}

void flush_held_doubt(int fd)
{
	mark(fd, HELD_MAYBE);
}

void flush_held_copy(int from, int to)
{
	struct flush_held held, before;

	mark(from, HELD_TWIN);
	held = flush_held_get(from);
	held.bits |= HELD_TWIN;
	if (from < 0 || from >= NUMBERS)
		held.bits |= HELD_MAYBE;
	if (!may_write(to))
		return;
	do
		before = flush_held_get(to);
	while (!put(to, before, held));
}

int flush_held_next(int at, unsigned bits, uint32_t file)
{
	int top = (int)__atomic_load_n(&highest, __ATOMIC_RELAXED);
	struct flush_held held;

	for (; words && at <= top; at++) {
		held = flush_held_get(at);
		if (held.bits & bits && (!file || held.file == file))
			return at;
	}
	return -1;
}

/* POSIX locks are no child's. */
static void in_child(void)
{
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELAXED);
	flush_held_drop_file(0, HELD_POSIX);
}

bool flush_held_start(void)
{
	words = sys_pages(NUMBERS * sizeof *words);
	__atomic_store_n(&owner, sys_getpid(), __ATOMIC_RELAXED);
	(void)pthread_atfork(NULL, NULL, in_child);
	return words;
}
