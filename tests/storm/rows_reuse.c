/* SPDX-License-Identifier: MIT
 * Rows in which numbers become other files: by every way of closing, in one row also by one that no
 * wrapper sees, and by dup2 over a locked descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"
#include "tests/support/outsider.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* Those with a counter come first. */
static const struct {
	const char *name; /* in the storm's place */
	int flags;
	bool native; /* no regular file: its flock stays one */
} objects[] = {
	[FILE_COUNTER] = { "counter", O_RDWR, false },
	[FILE_OTHER] = { "other", O_RDWR, false },
	{ "plain", O_RDWR, false },
	{ "fifo", O_RDWR | O_NONBLOCK, true },
	{ ".", O_RDONLY | O_DIRECTORY, true },
};

static int open_object(struct actor *actor, unsigned object)
{
	char path[300];
	int fd;

	snprintf(path, sizeof path, "%s/%s", storm.place, objects[object].name);
	fd = open(path, objects[object].flags | O_CLOEXEC);
	if (fd < 0)
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
	return fd;
}

static bool closes_unseen; /* then a fifo may meet the note of the file before it */

/* Held for writing, so that no program's flock is granted. */
static void must_be_native(struct actor *actor, unsigned object)
{
	int fd;

	if (!objects[object].native || closes_unseen)
		return;
	fd = open_object(actor, object);
	if (fd >= 0 && outsider_call(fd, BY_FLOCK, LOCK_EX, false) != EWOULDBLOCK)
		actor_fault(actor, FAULT_OVERLAP, actor->number, SLOTS);
	close(fd);
}

/* Now and then leaves the unlock to whoever replaces the number. */
static void use(struct actor *actor, int fd, unsigned object)
{
	bool exclusive = actor_random(actor, 3);
	int wait = object < FILE_COUNT ? 0 : LOCK_NB;

	if (!host_take(actor, fd, (exclusive ? LOCK_EX : LOCK_SH) | wait))
		return;
	if (object < FILE_COUNT && exclusive)
		turn_whole(actor, object);
	else if (object < FILE_COUNT)
		turn_look(actor, object);
	else if (exclusive)
		must_be_native(actor, object);
	if (!actor_random(actor, 3))
		return;
	host_let_go(actor, fd);
	if (!actor_random(actor, 8))
		host_must_be_free(actor, fd);
}

static void close_plainly(int fd)
{
	close(fd);
}

static void close_unseen(int fd)
{
	syscall(SYS_close, fd);
}

static void close_as_range(int fd)
{
	close_range((unsigned)fd, (unsigned)fd, 0);
}

static void close_by_stream(int fd)
{
	FILE *stream = fdopen(fd, "r");

	if (stream)
		fclose(stream);
	else
		close(fd);
}

static void close_by_replacing(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, fd);
	close(null);
	close(fd);
}

static void (*const close_ways[])(int fd) = {
	close_plainly, close_as_range, close_by_stream, close_by_replacing, close_unseen,
};

static void on_the_next_number(struct actor *actor)
{
	unsigned object = actor_random(actor, COUNT_OF(objects));
	unsigned ways = COUNT_OF(close_ways) - !closes_unseen;
	int fd = open_object(actor, object);

	if (fd < 0)
		return;
	use(actor, fd, object);
	close_ways[actor_random(actor, ways)](fd);
	actor_tally(actor, TALLY_EVENTS);
}

static void put_on(struct actor *actor, int fd, int number)
{
	int result = actor_random(actor, 2) ? dup2(fd, number) : dup3(fd, number, O_CLOEXEC);

	if (result != number)
		actor_fault(actor, FAULT_CALL, (uint64_t)errno, 0);
	close(fd);
}

/* The second takes the number from the first, and with it what the first may still hold. */
static void on_one_number(struct actor *actor, int number)
{
	unsigned first = actor_random(actor, COUNT_OF(objects));
	unsigned second = actor_random(actor, COUNT_OF(objects));
	int first_fd = open_object(actor, first), second_fd = open_object(actor, second);

	put_on(actor, first_fd, number);
	use(actor, number, first);
	put_on(actor, second_fd, number);
	use(actor, number, second);
	close(number);
}

static void replace_numbers(struct actor *actor)
{
	static int numbers = 600;
	int number = __atomic_fetch_add(&numbers, 1, __ATOMIC_RELAXED);

	while (!storm_over()) {
		on_the_next_number(actor);
		on_one_number(actor, number);
		actor_rest(actor);
	}
}

void row_reuse(struct actor *actor)
{
	struct host_threads *threads = host_start_threads(actor, 2, replace_numbers);

	replace_numbers(actor);
	host_join_threads(actor, threads);
}

void row_reuse_unseen(struct actor *actor)
{
	closes_unseen = true;
	row_reuse(actor);
}
