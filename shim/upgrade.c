/* SPDX-License-Identifier: MIT
 * The kernel looks for no cycle among OFD locks. Who waits here leaves a byte out of its shared
 * lock, which /proc/locks shows to the next. */
#include "shim/upgrade.h"

#include <string.h>

#include "policy/sys.h"
#include "shim/deadlock.h"
#include "shim/deferred.h"
#include "shim/hazard.h"
#include "shim/keeper_bytes.h"
#include "shim/mixed_own.h"
#include "shim/ofd_commands.h"
#include "shim/proc_fd.h"
#include "shim/record.h"
#include "shim/slurp.h"

/* [0, GAP) and (GAP, EOF] are held: behind any file's end, so that nobody takes the byte alone but
 * one who means to. Each has a byte of its own, as far as 499 go. */
#define GAP_FIRST (KEEPER_END - 1000)
#define GAP_LAST (KEEPER_END - 4)

/* " fe:00:1234 ": the file, as /proc/locks and fdinfo write it. */
#define FILE_ROOM 48

static bool file_of(int fd, char into[FILE_ROOM])
{
	char text[768];
	const char *at = proc_fd_info(fd, text, sizeof text) > 0 ? strstr(text, "OFDLCK") : NULL;
	size_t len;

	/* The word behind the pid, which is -1. */
	at = at ? strstr(at, " -1 ") : NULL;
	if (!at)
		return false;
	at += 3;
	len = 1 + strcspn(at + 1, " ") + 1;
	if (len >= FILE_ROOM)
		return false;
	memcpy(into, at, len);
	into[len] = '\0';
	return true;
}

/* "3: OFDLCK ADVISORY  READ -1 fe:00:1234 0 9223372036854775000": the end of its first piece; 0: no
 * upgrade of this file. */
static int64_t gap_in(const char *line, size_t len, const char *file)
{
	const char *at = memmem(line, len, file, strlen(file));
	int64_t gap = 0;

	if (!at || !memmem(line, len, "OFDLCK", 6) || !memmem(line, len, " READ ", 6))
		return 0;
	at += strlen(file);
	if (at[0] != '0' || at[1] != ' ')
		return 0;
	for (at += 2; *at >= '0' && *at <= '9' && gap < INT64_MAX / 10; at++)
		gap = gap * 10 + (*at - '0');
	gap++;
	return gap >= GAP_FIRST && gap <= GAP_LAST ? gap : 0;
}

/* What the list shows of this description: the lowest of its gaps, where its threads wait too. */
static int64_t own_gap(int fd, const char *file)
{
	char text[768];
	const char *line;
	int64_t gap = 0;

	if (proc_fd_info(fd, text, sizeof text) < 0)
		return 0;
	for (line = strstr(text, "lock:"); line && !gap; line = strstr(line + 1, "lock:"))
		gap = gap_in(line, strcspn(line, "\n"), file);
	return gap;
}

/* True where one that goes before us waits too. The text is no snapshot: a line may be missing from
 * it, so this is asked again and again. */
static bool must_yield(const char *file, int64_t ours)
{
	struct slurp locks = { 0 };
	unsigned same = 0;
	bool yield = false;
	const char *line;
	int64_t gap;
	size_t len;

	if (!ours || slurp_file(&locks, "/proc/locks"))
		return false;
	for (line = locks.text; *line; line += len) {
		len = strcspn(line, "\n");
		gap = gap_in(line, len, file);
		same += gap == ours;
		yield = yield || (gap && gap < ours);
		len += line[len] == '\n';
	}
	slurp_free(&locks);
	return yield || same > 1;
}

static int64_t choose_gap(void)
{
	uint64_t thread = (uint64_t)syscall(SYS_gettid);

	return GAP_FIRST + (int64_t)(thread % 499) * 2;
}

/* Who publishes what it waits for is found by those who do too. Who doesn't, another user's process
 * or one without a state, sees the sign alone. */
#define ROUNDS_FOR_OTHERS 20

/* Polled, every 10 ms: who waits in the kernel can't be told of a sign. */
static int poll_for(int fd, const char *file, struct deferred *deferred, struct deadlock_wait *wait,
		    bool *ret_restart)
{
	unsigned round = wait->record ? 0 : ROUNDS_FOR_OTHERS;
	int result;

	for (;; round++) {
		result = record_set(fd, F_OFD_SETLK, F_WRLCK, 0, 0);
		if (result != -EAGAIN && result != -EACCES)
			return result;
		if (deadlock_found(wait))
			return -EDEADLK;
		if (round >= ROUNDS_FOR_OTHERS && must_yield(file, own_gap(fd, file))) {
			hazard_met_at(HAZARD_DEADLOCK, fd, NULL, 0);
			return -EDEADLK;
		}
		deferred_sleep(deferred, 0);
		if (deferred_due(deferred, ret_restart))
			return -EINTR;
	}
}

int upgrade_wait(int fd)
{
	const int64_t gap = choose_gap();
	struct deadlock_wait wait;
	struct deferred deferred;
	char file[FILE_ROOM];
	bool restart = true;
	int result;

	/* Without a shared lock there is nothing to keep. */
	if (!file_of(fd, file))
		return record_set(fd, F_OFD_SETLKW, F_WRLCK, 0, 0);
	do {
		deferred_begin(&deferred);
		(void)record_set(fd, F_OFD_SETLK, F_UNLCK, gap, 1);
		deadlock_begin_polled(&wait, fd, F_WRLCK, 0, INT64_MAX);
		result = poll_for(fd, file, &deferred, &wait, &restart);
		deadlock_end(&wait);
		/* Who shares the description may have been granted the exclusive one. */
		if (result && own_ofd_type(fd) == F_RDLCK)
			(void)record_set(fd, F_OFD_SETLK, F_RDLCK, gap, 1);
		deferred_end(&deferred);
	} while (result == -EINTR && restart);
	return result;
}
