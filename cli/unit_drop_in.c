/* SPDX-License-Identifier: MIT
 * Writes and removes the file; knows its own by the first line. */
#include "cli/unit_drop_in.h"
#include "cli/below.h"
#include "cli/memory.h"
#include "cli/preload.h"
#include "cli/unit_files.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char mark[] = "# Written by lockshim enable; lockshim disable removes it.\n";

const char *cli_unit_drop_in_path(const struct cli_unit *unit)
{
	return cli_memory_format(CLI_UNIT_OWN_DIRECTORY "/%s.d/" CLI_UNIT_DROP_IN, unit->name);
}

/* In double quotes, with % doubled: systemd undoes both. */
static const char *quoted(const char *value)
{
	char *text = cli_memory_get(2 * strlen(value) + 1), *end = text;

	for (; *value; value++) {
		if (strchr("\"\\", *value))
			*end++ = '\\';
		if (*value == '%')
			*end++ = '%';
		*end++ = *value;
	}
	return text;
}

static const char *with(const char *text, const char *name, const char *value)
{
	if (!value)
		return text;
	return cli_memory_format("%sEnvironment=\"%s=%s\"\n", text, name, quoted(value));
}

const char *cli_unit_drop_in_text(const struct cli_unit_plan *plan)
{
	const char *existing = cli_unit_variable(plan->unit, "LD_PRELOAD", NULL);
	const char *text = cli_memory_format("%s[Service]\n", mark);

	text = with(text, "LD_PRELOAD", cli_preload_extend(existing, plan->preload));
	text = with(text, "LOCKSHIM_SERVICE", plan->service);
	text = with(text, "LOCKSHIM_POLICY", plan->policy);
	text = with(text, "LOCKSHIM_SET", plan->set);
	text = with(text, "LOCKSHIM_TRACE", plan->trace);
	if (plan->opens_trace)
		text = cli_memory_format("%sReadWritePaths=\"%s\"\n", text, quoted(plan->trace));
	return text;
}

static const char *directory_of(const struct cli_unit *unit)
{
	return cli_memory_format(CLI_UNIT_OWN_DIRECTORY "/%s.d", unit->name);
}

/* A link is not ours, wherever it leads. */
static bool is_ours(int directory, const char **ret_text)
{
	int fd =
		openat(directory, CLI_UNIT_DROP_IN, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int saved;

	*ret_text = fd < 0 ? NULL : cli_memory_read_fd(fd, NULL);
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return *ret_text && !strncmp(*ret_text, mark, strlen(mark));
}

static bool write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t put = write(fd, text, len);

		if (put < 0 && errno != EINTR)
			return false;
		text += put > 0 ? put : 0;
		len -= put > 0 ? (size_t)put : 0;
	}
	return !fchmod(fd, 0644) && !fsync(fd);
}

static bool replace(int directory, const char *path, const char *text)
{
	const char *next = cli_memory_format(CLI_UNIT_DROP_IN ".%d", (int)getpid());
	int fd = openat(directory, next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool done = fd >= 0 && write_all(fd, text);

	if (fd >= 0 && close(fd))
		done = false;
	done = done && !renameat(directory, next, directory, CLI_UNIT_DROP_IN);
	if (!done)
		warn("%s", path);
	if (!done && fd >= 0)
		unlinkat(directory, next, 0);
	return done;
}

static enum cli_unit_written write_in(int directory, const char *path, const char *text)
{
	const char *old;
	bool ours = is_ours(directory, &old);

	if (ours && !strcmp(old, text))
		return CLI_UNIT_SAME;
	if (!ours && (old || errno != ENOENT)) {
		warnx("%s: was not written by lockshim enable; move it away first", path);
		return CLI_UNIT_FAILED;
	}
	return replace(directory, path, text) ? CLI_UNIT_WRITTEN : CLI_UNIT_FAILED;
}

enum cli_unit_written cli_unit_drop_in_write(const struct cli_unit *unit, const char *text)
{
	const char *path = cli_memory_format("%s%s", unit->root, cli_unit_drop_in_path(unit));
	int directory = cli_below_make(unit->root, directory_of(unit));
	enum cli_unit_written written;

	if (directory < 0) {
		warn("%s", path);
		return CLI_UNIT_FAILED;
	}
	written = write_in(directory, path, text);
	close(directory);
	return written;
}

static enum cli_unit_written remove_in(int directory, const char *path)
{
	const char *old;
	bool ours = is_ours(directory, &old);

	if (!ours && !old && errno == ENOENT)
		return CLI_UNIT_ABSENT;
	if (!ours) {
		warnx("%s: was not written by lockshim enable; it stays", path);
		return CLI_UNIT_FAILED;
	}
	if (unlinkat(directory, CLI_UNIT_DROP_IN, 0)) {
		warn("%s", path);
		return CLI_UNIT_FAILED;
	}
	return CLI_UNIT_WRITTEN;
}

/* Only an empty one goes. */
static void remove_directory(const struct cli_unit *unit)
{
	int above = cli_below_open(unit->root, CLI_UNIT_OWN_DIRECTORY, O_PATH | O_DIRECTORY);

	if (above < 0)
		return;
	unlinkat(above, cli_memory_format("%s.d", unit->name), AT_REMOVEDIR);
	close(above);
}

enum cli_unit_written cli_unit_drop_in_remove(const struct cli_unit *unit)
{
	const char *path = cli_memory_format("%s%s", unit->root, cli_unit_drop_in_path(unit));
	int directory = cli_below_open(unit->root, directory_of(unit), O_RDONLY | O_DIRECTORY);
	enum cli_unit_written written;

	if (directory < 0 && errno == ENOENT)
		return CLI_UNIT_ABSENT;
	if (directory < 0) {
		warn("%s", path);
		return CLI_UNIT_FAILED;
	}
	written = remove_in(directory, path);
	close(directory);
	if (written == CLI_UNIT_WRITTEN)
		remove_directory(unit);
	return written;
}
