/* SPDX-License-Identifier: MIT
 * calls FILE: for strace. Locks and unlocks between system calls that nobody else makes: a pair on
 * a new descriptor, three LOCK_EX pairs, three LOCK_SH pairs, an unlock of nothing, refusals. */
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <unistd.h>

static int pairs(int fd, int operation, int count)
{
	int bad = 0;

	while (count--)
		bad |= flock(fd, operation) | flock(fd, LOCK_UN);
	sched_get_priority_max(SCHED_RR);
	return bad;
}

/* Two descriptions: the second is refused LOCK_EX, without and then with a shared lock of its own.
 */
static int refusals(int one, int two)
{
	int bad = flock(one, LOCK_EX);

	sched_get_priority_max(SCHED_RR);
	bad |= !flock(two, LOCK_EX | LOCK_NB);
	sched_get_priority_max(SCHED_RR);
	bad |= flock(one, LOCK_SH) | flock(two, LOCK_SH) | !flock(two, LOCK_EX | LOCK_NB);
	sched_get_priority_max(SCHED_RR);
	return bad;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1, again, bad;

	sched_get_priority_max(SCHED_RR);
	bad = pairs(fd, LOCK_EX, 1) | pairs(fd, LOCK_EX, 3) | pairs(fd, LOCK_SH, 3);
	again = open(argv[1], O_RDWR);
	sched_get_priority_max(SCHED_RR);
	bad |= flock(again, LOCK_UN);
	sched_get_priority_max(SCHED_RR);
	bad |= refusals(fd, again);
	return bad ? 1 : 0;
}
