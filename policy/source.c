/* SPDX-License-Identifier: MIT
 * Where the text comes from: files that only the right people could have written, and includes.
 * A stack of open sources instead of recursion: it may run on 8 KiB of stack. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

#include "policy/sys.h"

/* The place of an error about NAME: the include that asked for it, or the whole of it. */
static struct policy_place place_of(const struct policy_reader *reader, const char *name)
{
	const struct policy_source *top = reader->top;

	if (!top)
		return (struct policy_place){ name, 0, 0 };
	return (struct policy_place){ top->name, top->line, top->pending_column };
}

/* An error about NAME, which an included file's text has to name. */
static int fail(const struct policy_reader *reader, const char *name, int code, const char *text)
{
	struct policy_place place = place_of(reader, name);

	return policy_fail(reader->err, &place, code, "%s%s%s", reader->top ? name : "",
			   reader->top ? ": " : "", text);
}

/* The same with a remedy that names the file. */
static int fail_with_command(const struct policy_reader *reader, const char *name, int code,
			     const char *text, const char *command)
{
	struct policy_place place = place_of(reader, name);

	return policy_fail(reader->err, &place, code, "%s%s%s; %s %s", reader->top ? name : "",
			   reader->top ? ": " : "", text, command, name);
}

static int fail_memory(const struct policy_reader *reader, const char *name)
{
	struct policy_place place = place_of(reader, name);

	return policy_fail_memory(reader->err, &place);
}

/* Only a missing FILE is -ENOENT, so that a missing include never reads as "no policy". */
static int fail_system(const struct policy_reader *reader, const char *name, int code)
{
	struct policy_place place = place_of(reader, name);
	const char *symbol = policy_errno_name(-code);

	switch (-code) {
	case ENOENT:
		return fail(reader, name, reader->top ? -EINVAL : -ENOENT,
			    "no such file; create it, or name another");
	case EACCES:
		return fail_with_command(reader, name, code, "may not be read by this user",
					 "chmod a+r");
	case ENXIO:
		return fail(reader, name, -EINVAL,
			    "is a socket or a device, not a policy file; name a regular file");
	case ENOTDIR:
		return fail(reader, name, -EINVAL,
			    "a part of the path is no directory; correct the path");
	}
	return policy_fail(reader->err, &place, code, "%s%scannot be read (%s, errno %u)",
			   reader->top ? name : "", reader->top ? ": " : "",
			   symbol ? symbol : "unknown", (unsigned)-code);
}

static int check_type(const struct policy_reader *reader, const char *name, mode_t mode)
{
	static const struct {
		mode_t type;
		const char *text;
	} types[] = {
		{ S_IFDIR, "is a directory, not a policy file; name a regular file" },
		{ S_IFIFO, "is a FIFO, not a policy file; name a regular file" },
	};

	if (S_ISREG(mode))
		return 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((mode & S_IFMT) == types[i].type)
			return fail(reader, name, -EINVAL, types[i].text);
	return fail(reader, name, -EINVAL, "is a device, not a policy file; name a regular file");
}

static int check_trust(const struct policy_reader *reader, const char *name, const struct stat *st)
{
	const struct policy_trust *trust = reader->trust;
	bool root_only = trust->root_only || !trust->user;
	struct policy_place place = place_of(reader, name);

	if (st->st_uid && (root_only || st->st_uid != trust->user))
		return policy_fail(
			reader->err, &place, -EPERM, "%s%sowned by uid %u, %s; chown root %s",
			reader->top ? name : "", reader->top ? ": " : "", (unsigned)st->st_uid,
			root_only ? "not by root" : "neither root nor you", name);
	if (st->st_mode & 022)
		return fail_with_command(reader, name, -EPERM, "writable by others", "chmod go-w");
	return 0;
}

static int check_chain(const struct policy_reader *reader, const char *name, uint64_t device,
		       uint64_t inode)
{
	const struct policy_source *source = reader->top;

	if (source && source->depth >= POLICY_INCLUDE_DEPTH)
		return fail(reader, name, -EINVAL,
			    "more than 16 includes inside each other; include it from higher up");
	for (; source; source = source->parent)
		if (source->opened && source->device == device && source->inode == inode)
			return fail(reader, name, -EINVAL,
				    "includes itself by way of this file; drop this include");
	return 0;
}

/* Puts TEXT, which is ours and terminated, on top. */
static int push(struct policy_reader *reader, const char *name, char *text, size_t len,
		const struct stat *st)
{
	struct policy_source *source = policy_arena_get(&reader->arena, sizeof(*source));

	if (!source)
		return fail_memory(reader, name);
	reader->policy->hash = policy_hash(reader->policy->hash, text, len);
	source->parent = reader->top;
	source->name = name;
	source->depth = reader->top ? reader->top->depth + 1 : 0;
	source->end = text + len;
	source->at = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? text + 3 : text;
	if (st) {
		source->opened = true;
		source->device = st->st_dev;
		source->inode = st->st_ino;
	}
	reader->top = source;
	return 0;
}

static int too_large(const struct policy_reader *reader, const char *name)
{
	return fail(reader, name, -EINVAL, "larger than 8 MiB; split it, or list fewer files");
}

static int read_text(struct policy_reader *reader, const char *name, int fd, const struct stat *st)
{
	size_t size = (size_t)st->st_size, len = 0;
	long got;
	char *text;

	if (st->st_size > POLICY_FILE_MAX)
		return too_large(reader, name);
	text = policy_arena_get(&reader->arena, size + 1);
	if (!text)
		return fail_memory(reader, name);
	do {
		got = sys_read(fd, text + len, size + 1 - len);
		if (got > 0)
			len += (size_t)got;
	} while ((got > 0 && len <= size) || got == -EINTR);
	if (got < 0)
		return fail_system(reader, name, (int)got);
	if (len > size)
		return fail(reader, name, -EINVAL, "grew while it was read; try again");
	return push(reader, name, text, len, st);
}

static int read_file(struct policy_reader *reader, const char *name, int fd)
{
	struct stat st;
	int result = sys_fstat(fd, &st);

	if (result)
		return fail_system(reader, name, result);
	result = check_type(reader, name, st.st_mode);
	if (!result)
		result = check_trust(reader, name, &st);
	if (!result)
		result = check_chain(reader, name, st.st_dev, st.st_ino);
	return result ? result : read_text(reader, name, fd, &st);
}

int policy_source_open(struct policy_reader *reader, const char *name)
{
	int fd, result;

	if (*name != '/')
		return fail(reader, name, -EINVAL, "is not an absolute path; begin it with \"/\"");
	/* A FIFO must not make us wait, nor a terminal become ours. */
	fd = sys_open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_system(reader, name, fd);
	result = read_file(reader, name, fd);
	sys_close(fd);
	return result;
}

int policy_source_text(struct policy_reader *reader, const char *name, const char *text, size_t len)
{
	char *copy;

	if (len > POLICY_FILE_MAX)
		return too_large(reader, name);
	copy = policy_arena_copy(&reader->arena, text, len);
	return copy ? push(reader, name, copy, len, NULL) : fail_memory(reader, name);
}
