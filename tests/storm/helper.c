/* SPDX-License-Identifier: MIT
 * What rows execute: a turn of its own, the end of an inherited one, or flock(1)'s way of locking
 * for whoever holds the description. */
#include <stdlib.h>
#include <string.h>

#include "tests/storm/host.h"
#include "tests/storm/rows.h"

static void fresh(struct actor *actor, int fd)
{
	(void)fd;
	host_fresh_turn(actor, FILE_COUNTER);
}

static void finish(struct actor *actor, int fd)
{
	turn_end(actor);
	host_let_go(actor, fd);
	host_must_be_free(actor, fd);
}

static void finish_record(struct actor *actor, int fd)
{
	turn_end(actor);
	record_let_go(actor, fd);
	host_must_be_free(actor, fd);
}

static void lock_and_leave(struct actor *actor, int fd)
{
	(void)host_take(actor, fd, LOCK_EX);
}

static void host(struct actor *actor, int row)
{
	rows[row].run(actor);
}

static const struct {
	const char *mode;
	void (*run)(struct actor *actor, int argument);
} modes[] = {
	{ "host", host },           { "fresh", fresh },
	{ "finish", finish },       { "finish-record", finish_record },
	{ "lock", lock_and_leave },
};

bool helper_main(int argc, char **argv, int *ret_status)
{
	struct actor actor;
	size_t i;

	for (i = 0; argc == 5 && i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(argv[1], modes[i].mode))
			continue;
		storm_map(argv[2], false);
		actor = actor_at((uint32_t)atoi(argv[3]));
		modes[i].run(&actor, atoi(argv[4]));
		*ret_status = 0;
		return true;
	}
	return false;
}
