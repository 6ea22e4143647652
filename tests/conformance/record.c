/* SPDX-License-Identifier: MIT
 * What the rows about record locks have in common. */
#include "tests/conformance/record.h"

int record_call(const struct probe *probe, int fd, enum how how, struct flock *record)
{
	static const int commands[][HOWS] = { [BY_POSIX] = { F_SETLK, F_SETLKW, F_GETLK },
					      [BY_OFD] = { F_OFD_SETLK, F_OFD_SETLKW,
							   F_OFD_GETLK } };

	return fcntl(fd, commands[probe->table->family][how], record);
}

int record_set(const struct probe *probe, int fd, short type, off_t start, off_t length)
{
	struct flock record = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	return record_call(probe, fd, BY_SET, &record);
}

void must_set(const struct probe *probe, int fd, short type, off_t start, off_t length)
{
	if (record_set(probe, fd, type, start, length))
		probe_end(probe, answer_word(-1));
}

static char met_at(const struct probe *probe, int64_t byte)
{
	if (!probe_ask_of(probe, ASK_TRY_RANGE, F_WRLCK, byte, 1))
		return '.';
	return probe_ask_of(probe, ASK_TRY_RANGE, F_RDLCK, byte, 1) ? 'W' : 'R';
}

const char *map_of(const struct probe *probe)
{
	static char map[MAP_BYTES + 1];
	int i;

	for (i = 0; i < MAP_BYTES; i++)
		map[i] = met_at(probe, i);
	return map;
}

const char *pid_word(int pid, int expected)
{
	return !pid ? "none" : pid == -1 ? "-1" : pid == expected ? "pid" : "other pid";
}
