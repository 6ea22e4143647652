/* SPDX-License-Identifier: MIT
 * Both families in one process, and whose lock it is. */
#include "tests/conformance/record.h"
#include "tests/conformance/rows.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { BY_FLOCK_CALL, BY_FCNTL_CALL };

struct mixture {
	const struct probe *probe;
	int fd[2]; /* of each call */
	bool holds[2];
	off_t start, length; /* by fcntl */
};

static int call(const struct mixture *mixture, int which, bool lock)
{
	struct flock record = { .l_type = lock ? F_WRLCK : F_UNLCK,
				.l_whence = SEEK_SET,
				.l_start = mixture->start,
				.l_len = mixture->length };

	if (which == BY_FLOCK_CALL)
		return flock(mixture->fd[which], lock ? LOCK_EX | LOCK_NB : LOCK_UN);
	return fcntl(mixture->fd[which], F_SETLK, &record);
}

/* Where outsiders have to be refused: a flock where the column has it, a record where one was
 * taken. */
static unsigned wanted(const struct mixture *mixture)
{
	unsigned domains = 0;

	if (mixture->holds[BY_FLOCK_CALL])
		domains |= mixture->probe->column->flock;
	if (mixture->holds[BY_FCNTL_CALL])
		domains |= IN_RECORDS;
	return domains;
}

static unsigned refused(const struct mixture *mixture)
{
	unsigned domain, domains = 0;

	for (domain = IN_FLOCK; domain <= IN_RECORDS; domain <<= 1)
		if (probe_ask(mixture->probe, ASK_TRY, LOCK_EX | (int)domain << 8))
			domains |= domain;
	return domains;
}

/* Beside the part that is locked by fcntl, only a flock that became a record excludes. */
static bool is_as_wide(const struct mixture *mixture)
{
	bool flocked = mixture->holds[BY_FLOCK_CALL] && mixture->probe->column->flock & IN_RECORDS;
	bool excluded = probe_ask_of(mixture->probe, ASK_TRY_RANGE, F_RDLCK, 100, 1);

	return !mixture->length || excluded == flocked;
}

/* One round: both are taken, then both are let go. NULL where all was as it should be. */
static const char *mix(struct mixture *mixture, int first, int first_gone)
{
	const int order[][2] = { { first, !first }, { first_gone, !first_gone } };
	int i;

	for (i = 0; i < 2; i++) {
		if (call(mixture, order[0][i], true))
			return "refuses itself";
		mixture->holds[order[0][i]] = true;
		if (refused(mixture) != wanted(mixture) || !is_as_wide(mixture))
			return "weaker";
	}
	for (i = 0; i < 2; i++) {
		if (call(mixture, order[1][i], false))
			return answer_word(-1);
		mixture->holds[order[1][i]] = false;
		if (refused(mixture) != wanted(mixture))
			return i ? "STUCK" : "one drops both";
		if (!is_as_wide(mixture))
			return "weaker";
	}
	return NULL;
}

const char *probe_mixed(const struct probe *probe, int mixed)
{
	struct mixture mixture = { .probe = probe };
	const bool part = mixed & A_PART;
	int gone, first = mixed & FCNTL_FIRST ? BY_FCNTL_CALL : BY_FLOCK_CALL;
	const char *wrong = NULL;

	mixture.start = part ? 10 : 0;
	mixture.length = part ? 20 : 0;
	mixture.fd[0] = must_open(probe, O_RDWR);
	mixture.fd[1] = mixed & TWO_DESCRIPTORS ? must_open(probe, O_RDWR) : mixture.fd[0];
	for (gone = BY_FLOCK_CALL; gone <= BY_FCNTL_CALL && !wrong; gone++)
		wrong = mix(&mixture, first, gone);
	return wrong ? wrong : "both granted";
}

const char *probe_pid_getlk(const struct probe *probe, int unused)
{
	(void)unused;
	must_lock(probe, must_open(probe, O_RDWR), LOCK_EX);
	return pid_word(probe_ask(probe, ASK_GETLK, 0), getpid());
}

/* "FLOCK", "POSIX" and "OFDLCK" lines; under `both` there are two. */
const char *probe_pid_locks(const struct probe *probe, int unused)
{
	static char cell[CELL_ROOM];
	const char *kind;
	int pid;

	(void)unused;
	must_lock(probe, must_open(probe, O_RDWR), LOCK_EX);
	for (kind = "FPO"; *kind; kind++) {
		pid = probe_ask(probe, ASK_LOCKS, *kind);
		if (!pid)
			continue;
		if (*cell)
			strcat(cell, ", ");
		strcat(cell, pid_word(pid, getpid()));
	}
	return *cell ? cell : "none";
}
