/* SPDX-License-Identifier: MIT
 * The outsider: raw system calls alone, on one description a file, in each family by turns. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/storm/judge.h"

static void one_turn(struct actor *actor, int fd, enum storm_file file, enum outsider_family family)
{
	int operation = actor_random(actor, 4) ? LOCK_EX : LOCK_SH;
	int error = outsider_call(fd, family, operation, true);

	if (error) {
		actor_fault(actor, FAULT_ANSWER, (uint64_t)operation, (uint64_t)error);
		return;
	}
	if (operation == LOCK_EX)
		turn_whole(actor, file);
	else
		turn_look(actor, file);
	error = outsider_call(fd, family, LOCK_UN, false);
	if (error)
		actor_fault(actor, FAULT_ANSWER, LOCK_UN, (uint64_t)error);
}

_Noreturn void outsider_main(const struct judge *judge, struct actor *actor)
{
	int fd[FILE_COUNT], i;
	unsigned turn;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < FILE_COUNT; i++)
		fd[i] = open(storm.path[i], O_RDWR | O_CLOEXEC);
	for (turn = 0; !storm_over(); turn++) {
		enum storm_file file = actor_random(actor, 4) ? FILE_COUNTER : FILE_OTHER;

		one_turn(actor, fd[file], file, judge->family[turn % (unsigned)judge->families]);
		actor_rest(actor);
	}
	_exit(0);
}
