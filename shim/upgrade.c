/* SPDX-License-Identifier: MIT
 * The kernel looks for no cycle among OFD locks. Who waits here leaves a byte out of its shared
 * lock, which /proc/locks shows to the next. */
#include "shim/upgrade.h"

#include <string.h>

#include "shim/keeper_bytes.h"
#include "shim/ofd_commands.h"
#include "shim/proc_fd.h"
#include "shim/record.h"
#include "shim/slurp.h"

/* [0, GAP) and (GAP, EOF] are held: behind any file's end, so that nobody can take the byte alone
 * but one who meant to. */
#define GAP (KEEPER_END - 2)
#define GAP_TEXT " 0 9223372036854775802\n"

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

static bool is_upgrade(const char *line, size_t len, const char *file)
{
	return memmem(line, len, "OFDLCK", 6) && memmem(line, len, " READ ", 6) &&
	       memmem(line, len, file, strlen(file)) &&
	       memmem(line, len, GAP_TEXT, sizeof GAP_TEXT - 1);
}

/* Ours is one of them. Unknown counts as ours alone: then the wait may be for ever, as it would be
 * without asking. */
static unsigned count_upgrades(const char *file)
{
	struct slurp locks = { 0 };
	unsigned found = 0;
	const char *line;
	size_t len;

	if (slurp_file(&locks, "/proc/locks"))
		return 1;
	for (line = locks.text; *line; line += len) {
		len = strcspn(line, "\n") + 1;
		found += is_upgrade(line, len, file);
		if (line[len - 1] == '\0')
			break;
	}
	slurp_free(&locks);
	return found;
}

int upgrade_wait(int fd)
{
	char file[FILE_ROOM];
	int result;

	/* Without a shared lock there is nothing to keep. */
	if (!file_of(fd, file))
		return record_set(fd, F_OFD_SETLKW, F_WRLCK, 0, 0);
	(void)record_set(fd, F_OFD_SETLK, F_UNLCK, GAP, 1);
	result = count_upgrades(file) > 1 ? -EDEADLK : record_set(fd, F_OFD_SETLKW, F_WRLCK, 0, 0);
	if (result)
		(void)record_set(fd, F_OFD_SETLK, F_RDLCK, 0, 0);
	return result;
}
