/* SPDX-License-Identifier: MIT
 * Ranges: how they split and merge, and where they begin. The file has eight bytes, and the offset
 * is at the fourth. */
#include "tests/conformance/rows_record.h"

#include <unistd.h>

#define OFFSET 4
#define SIZE 8
#define STEPS 3

struct step {
	short type, whence;
	off_t start, length;
	int through;       /* one of two descriptors */
	int lockf_command; /* at START, where TYPE is LOCKF */
};

enum { LOCKF = -1 };
#define FILE_END SEEK_END
#define STEP(what, from, at, count)                                                                \
	{                                                                                          \
		.type = what, .whence = from, .start = at, .length = count                         \
	}
#define OTHER_STEP(what, at, count)                                                                \
	{                                                                                          \
		.type = what, .whence = SEEK_SET, .start = at, .length = count, .through = 1       \
	}
#define LOCKF_STEP(command, at, count)                                                             \
	{                                                                                          \
		.type = LOCKF, .start = at, .length = count, .lockf_command = command              \
	}

static const struct {
	int count;
	struct step steps[STEPS];
} parts_of[] = {
	[PARTS_APART] = { 2, { STEP(F_WRLCK, SEEK_SET, 0, 3), STEP(F_RDLCK, SEEK_SET, 6, 2) } },
	[PARTS_SPLIT] = { 2, { STEP(F_WRLCK, SEEK_SET, 0, 10), STEP(F_RDLCK, SEEK_SET, 3, 3) } },
	[PARTS_HOLE] = { 2, { STEP(F_WRLCK, SEEK_SET, 0, 10), STEP(F_UNLCK, SEEK_SET, 3, 3) } },
	[PARTS_MERGE] = { 3,
			  { STEP(F_WRLCK, SEEK_SET, 0, 4), STEP(F_WRLCK, SEEK_SET, 4, 4),
			    STEP(F_UNLCK, SEEK_SET, 2, 4) } },
	[PARTS_OVERLAP] = { 2, { STEP(F_RDLCK, SEEK_SET, 0, 6), STEP(F_WRLCK, SEEK_SET, 3, 6) } },
	[PARTS_FROM_OFFSET] = { 1, { STEP(F_WRLCK, SEEK_CUR, 2, 3) } },
	[PARTS_FROM_END] = { 1, { STEP(F_WRLCK, FILE_END, -2, 4) } },
	[PARTS_BACKWARDS] = { 1, { STEP(F_WRLCK, SEEK_SET, 6, -4) } },
	[PARTS_BACK_FROM_OFFSET] = { 1, { STEP(F_WRLCK, SEEK_CUR, 0, -3) } },
	[PARTS_TO_END] = { 1, { STEP(F_WRLCK, SEEK_SET, 5, 0) } },
	[PARTS_LONGEST] = { 1, { STEP(F_WRLCK, SEEK_SET, 0, INT64_MAX) } },
	[PARTS_END_CUT] = { 2, { STEP(F_WRLCK, SEEK_SET, 2, 0), STEP(F_UNLCK, SEEK_SET, 5, 0) } },
	[PARTS_TWO_UNLOCK] = { 3,
			       { STEP(F_WRLCK, SEEK_SET, 0, 4), OTHER_STEP(F_WRLCK, 6, 3),
				 STEP(F_UNLCK, SEEK_SET, 2, 6) } },
	[PARTS_TWO_CONVERT] = { 2, { STEP(F_WRLCK, SEEK_SET, 0, 10), OTHER_STEP(F_RDLCK, 3, 3) } },
	[PARTS_LOCKF] = { 1, { LOCKF_STEP(F_TLOCK, 2, 3) } },
	[PARTS_LOCKF_TO_END] = { 1, { LOCKF_STEP(F_LOCK, 4, 0) } },
	[PARTS_LOCKF_BACK] = { 1, { LOCKF_STEP(F_TLOCK, 6, -3) } },
	[PARTS_LOCKF_HOLE] = { 2, { LOCKF_STEP(F_LOCK, 0, 10), LOCKF_STEP(F_ULOCK, 3, 3) } },
	[PARTS_LOCKF_OTHER] = { 2, { OTHER_STEP(F_WRLCK, 0, 10), LOCKF_STEP(F_ULOCK, 3, 3) } },
};

static int make_step(const struct probe *probe, int fd, const struct step *step)
{
	struct flock record = { .l_type = step->type,
				.l_whence = step->whence,
				.l_start = step->start,
				.l_len = step->length };

	if (step->type != LOCKF)
		return record_call(probe, fd, BY_SET, &record);
	lseek(fd, step->start, SEEK_SET);
	return lockf(fd, step->lockf_command, step->length);
}

const char *probe_parts(const struct probe *probe, int parts)
{
	const int fd[] = { must_open(probe, O_RDWR), must_open(probe, O_RDWR) };
	int i;

	if (ftruncate(fd[0], SIZE) || lseek(fd[0], OFFSET, SEEK_SET) != OFFSET)
		return "no file";
	for (i = 0; i < parts_of[parts].count; i++) {
		const struct step *step = &parts_of[parts].steps[i];

		if (make_step(probe, fd[step->through], step))
			return answer_word(-1);
	}
	return map_of(probe);
}

/* A lock to the end, met at 2^POWER. */
const char *probe_far_away(const struct probe *probe, int power)
{
	must_lock(probe, must_open(probe, O_RDWR), LOCK_EX);
	return probe_ask_of(probe, ASK_TRY_RANGE, F_RDLCK, INT64_C(1) << power, 1) ? "held"
										   : "free";
}

const char *probe_lockf_test(const struct probe *probe, int foreign)
{
	int fd = must_open(probe, O_RDWR);

	if (foreign && !probe_ask_of(probe, ASK_HOLD_RANGE, F_WRLCK | foreign << 8, 6, 2))
		return "not held";
	if (!foreign)
		must_set(probe, fd, F_WRLCK, 0, 0);
	lseek(fd, OFFSET, SEEK_SET);
	if (lockf(fd, F_TEST, 2))
		return "conflicts elsewhere";
	return answer_word(lockf(fd, F_TEST, 3));
}
