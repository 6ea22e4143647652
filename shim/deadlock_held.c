/* SPDX-License-Identifier: MIT
 * "lock:\t1: OFDLCK  ADVISORY  READ -1 fe:00:42 0 EOF": a line a lock of this description, or of
 * this process through it. */
#include "shim/deadlock_held.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "policy/policy.h"
#include "policy/sys.h"
#include "shim/deadlock_list.h"
#include "shim/own_fd.h"
#include "shim/state_process.h"

static const char *next_word(const char *at)
{
	at += strcspn(at, " \n");
	return at + strspn(at, " ");
}

static int64_t offset_at(const char *at)
{
	uint64_t number = 0;

	if (*at == 'E')
		return INT64_MAX;
	for (; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return (int64_t)number;
}

/* False where the line is of another kind. */
static bool read_line(const char *line, struct held *ret)
{
	const char *kind = next_word(line + 5), *type;

	*ret = (struct held){ .posix = !strncmp(kind, "POSIX", 5) };
	if (!ret->posix && strncmp(kind, "OFDLCK", 6))
		return false;
	type = next_word(next_word(kind));
	ret->is.type = *type == 'W' ? F_WRLCK : F_RDLCK;
	line = next_word(next_word(next_word(type)));
	ret->is.start = offset_at(line);
	ret->is.end = offset_at(next_word(line));
	return true;
}

static const char *next_line(const char *at)
{
	at = strstr(at, "\nlock:");
	return at ? at + 1 : NULL;
}

/* FNV-1a over all lines of locks. */
static uint64_t mark_of(const char *text, bool *ret_exclusive)
{
	uint64_t mark = 0xcbf29ce484222325u;
	const char *line = next_line(text);
	struct held held;

	*ret_exclusive = false;
	if (!line)
		return 0;
	for (; *line; line++) {
		mark = (mark ^ (unsigned char)*line) * 0x100000001b3u;
		if (!strncmp(line, "lock:", 5) && read_line(line, &held))
			*ret_exclusive = *ret_exclusive || held.is.type == F_WRLCK;
	}
	return mark ? mark : 1;
}

static int read_info(int pid, int fd, char *text)
{
	char path[STATE_PATH_ROOM];
	long len = state_read(state_path(path, pid, "/fdinfo/", fd, ""), text, HELD_TEXT);

	return len == HELD_TEXT - 1 ? -EOVERFLOW : len < 0 ? (int)len : 0;
}

uint64_t held_mark(int pid, int fd, char *text, bool *ret_exclusive, int *ret_error)
{
	*ret_error = read_info(pid, fd, text);
	return *ret_error ? 0 : mark_of(text, ret_exclusive);
}

/* By its path alone: closing such a descriptor drops nobody's POSIX locks. */
static int file_of(int pid, int fd, struct stat *ret)
{
	char path[STATE_PATH_ROOM];
	struct own_fd own;
	int error = own_fd_open(&own, state_path(path, pid, "/fd/", fd, ""), O_PATH);

	*ret = own.is;
	own_fd_close(&own);
	return error;
}

/* As many of FD's as fit; how many there are. */
static __attribute__((noinline)) int read_locks(struct held *into, unsigned most, int pid, int fd,
						const char *text)
{
	const char *line = next_line(text);
	struct stat st;
	struct held held;
	unsigned count = 0;
	bool exclusive;
	uint64_t mark;
	int error;

	if (!line)
		return 0;
	error = file_of(pid, fd, &st);
	if (error)
		return error;
	mark = mark_of(text, &exclusive);
	for (; line; line = next_line(line)) {
		if (!read_line(line, &held))
			continue;
		held.is.device = policy_device(major(st.st_dev), minor(st.st_dev));
		held.is.inode = st.st_ino;
		held.is.fd = fd;
		held.mark = mark;
		held.exclusive = exclusive;
		if (count == most)
			return -EOVERFLOW;
		into[count++] = held;
	}
	return (int)count;
}

/* Only regular files are locked by OFD locks that matter here; for our own that is soon told. */
static bool may_be_locked(bool own, int fd)
{
	struct stat st;

	return !own || (!sys_fstat(fd, &st) && S_ISREG(st.st_mode));
}

static int read_all(struct held *into, unsigned most, int pid, struct deadlock_list *list,
		    char *text)
{
	const bool own = pid == sys_getpid();
	int count = 0, more, error, fd;

	while ((fd = deadlock_list_next(list)) >= 0) {
		if ((own && fd == list->own.fd) || !may_be_locked(own, fd))
			continue;
		error = read_info(pid, fd, text);
		if (error == -ENOENT)
			continue;
		more = error ? error
			     : read_locks(into + count, most - (unsigned)count, pid, fd, text);
		if (more < 0)
			return more;
		count += more;
	}
	return list->size < 0 ? (int)list->size : count;
}

int held_read(struct held *into, unsigned most, int pid, char *text)
{
	char path[STATE_PATH_ROOM];
	struct deadlock_list list;
	int result = deadlock_list_open(&list, state_path(path, pid, "/fdinfo", -1, NULL));

	if (!result)
		result = read_all(into, most, pid, &list, text);
	deadlock_list_close(&list);
	return result;
}
