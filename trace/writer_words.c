/* SPDX-License-Identifier: MIT
 * What ended a trace, and the remedy. */
#include <errno.h>
#include <stddef.h>

#include "trace/writer_state.h"

static const struct row {
	int trouble;
	const char *words;
} rows[] = {
	{ WRITER_NOT_ABSOLUTE, "is not an absolute path; begin it with \"/\"" },
	{ WRITER_IS_LINK, "is a symbolic link; name the directory that it leads to" },
	{ WRITER_IS_OTHERS, "belongs to another user; name a directory of this user's" },
	{ WRITER_IS_OPEN, "is open to others; chmod go= it" },
	{ WRITER_NOT_STICKY, "is writable by others without the sticky bit; chmod +t it" },
	{ WRITER_IS_ANOTHER, "is not the directory that it was when tracing began" },
	{ WRITER_FILE_SYSTEM, "is on a file system that can't promise room for what is mapped; use "
			      "ext4, xfs or tmpfs" },
	{ WRITER_METADATA, "has the metadata of another version; use an empty directory" },
	{ WRITER_FILE_LIMIT,
	  "the limit on the size of files (ulimit -f) leaves no room for a trace" },
	{ WRITER_NO_ROOM, "no room is left on its file system" },
	{ WRITER_FULL, "a stream is full, and later events are only counted; allow larger ones, or "
		       "keep the newest (trace-full = overwrite)" },
	{ ENOSPC, "no room is left on its file system" },
	{ EDQUOT, "this user's quota there is used up" },
	{ ENOENT, "is not there; make it, or the directory that it is in" },
	{ ENOTDIR, "is no directory" },
	{ EACCES, "may not be written by this user" },
	{ EPERM, "may not be written by this user" },
	{ EROFS, "is on a file system that is mounted read-only" },
	{ ENAMETOOLONG, "is too long a path" },
	{ EMFILE, "this process has no descriptor left to open it" },
	{ ENFILE, "this host has no descriptor left to open it" },
	{ ENOMEM, "this process may map no more memory" },
	{ ELOOP, "is reached through too many symbolic links" },
	{ EIO, "its file system answers with errors" },
};

const char *writer_words(int trouble)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].trouble == -trouble)
			return rows[i].words;
	return "can't be written";
}
