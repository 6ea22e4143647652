/* SPDX-License-Identifier: MIT
 * The answers of F_GETLK, to the program and about it. */
#include "tests/conformance/rows_record.h"

#include <string.h>
#include <unistd.h>

#define SOME_PID 4711

static struct flock question(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

/* A third holds [10, 20). Own locks stand before it, and are not meant. */
const char *probe_get_foreign(const struct probe *probe, int asked)
{
	int fd = must_open(probe, O_RDWR), family = asked & ABOUT_OFD ? BY_OFD : BY_POSIX;
	short type = asked & OWN_TOO ? F_RDLCK : F_WRLCK;
	struct flock record = question();
	int third = probe_ask_of(probe, ASK_HOLD_RANGE, type | family << 8, 10, 10);

	if (!third)
		return "not held";
	if (asked & OWN_TOO)
		must_set(probe, asked & OWN_ELSEWHERE ? must_open(probe, O_RDWR) : fd, F_RDLCK, 0,
			 15);
	if (record_call(probe, fd, BY_GET, &record))
		return answer_word(-1);
	if (record.l_type == F_UNLCK)
		return "none";
	if (record.l_type != type || record.l_whence != SEEK_SET || record.l_start != 10 ||
	    record.l_len != 10)
		return "another lock";
	return pid_word(record.l_pid, third);
}

static bool is_same_question(const struct flock *a, const struct flock *b)
{
	return a->l_whence == b->l_whence && a->l_start == b->l_start && a->l_len == b->l_len &&
	       a->l_pid == b->l_pid;
}

/* "none" leaves all of the question as it was but its type. */
const char *probe_get_own(const struct probe *probe, int asked)
{
	int fd = must_open(probe, O_RDWR);
	struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 3, .l_len = 5 };
	struct flock answered;

	must_lock(probe, asked & OWN_ELSEWHERE ? must_open(probe, O_RDWR) : fd, LOCK_EX);
	if (probe->table->family == BY_POSIX)
		record.l_pid = SOME_PID;
	answered = record;
	if (record_call(probe, fd, BY_GET, &answered))
		return answer_word(-1);
	if (answered.l_type != F_UNLCK)
		return pid_word(answered.l_pid, getpid());
	return is_same_question(&answered, &record) ? "none" : "changed";
}

static void ask_about_parent(const struct probe *probe, int fd)
{
	struct flock record = question();

	if (fd < 0)
		fd = must_open(probe, O_RDWR);
	if (record_call(probe, fd, BY_GET, &record))
		probe_end(probe, answer_word(-1));
	probe_end(probe, record.l_type == F_UNLCK ? "none" : pid_word(record.l_pid, getppid()));
}

const char *probe_get_inherited(const struct probe *probe, int open_anew)
{
	int fd = must_open(probe, O_RDWR);

	must_lock(probe, fd, LOCK_EX);
	helper_fork(probe, open_anew ? -1 : fd, ask_about_parent);
	for (;;)
		pause();
}

const char *probe_request_pid(const struct probe *probe, int unused)
{
	int fd = must_open(probe, O_RDWR);
	struct flock record = question();

	(void)unused;
	record.l_pid = SOME_PID;
	if (record_call(probe, fd, BY_SET, &record))
		return strcmp(held_or(probe, ""), "") ? "held" : answer_word(-1);
	if (record.l_pid != SOME_PID)
		return "changed";
	return strcmp(held_or(probe, ""), "") ? "granted" : "granted to all";
}

const char *probe_seen_length(const struct probe *probe, int unused)
{
	(void)unused;
	must_lock(probe, must_open(probe, O_RDWR), LOCK_EX);
	return probe_ask(probe, ASK_GETLK_END, 0) ? "0" : "a length";
}
