/* SPDX-License-Identifier: MIT
 * Writes and removes the file; knows its own by the first line. */
#include "cli/unit_drop_in.h"
#include "cli/memory.h"
#include "cli/preload.h"
#include "cli/unit_files.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

static bool is_ours(const char *path, const char **ret_text)
{
	*ret_text = cli_memory_read(path, NULL);
	return *ret_text && !strncmp(*ret_text, mark, strlen(mark));
}

static bool make_directories(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(path, 0755) && errno != EEXIST) {
			warn("%s", path);
			*at = '/';
			return false;
		}
		*at = '/';
	}
	return true;
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

static bool replace(const char *path, const char *text)
{
	char *next = cli_memory_format("%s.XXXXXX", path);
	int fd = mkostemp(next, O_CLOEXEC);
	bool done = fd >= 0 && write_all(fd, text);

	if (fd >= 0 && close(fd))
		done = false;
	done = done && !rename(next, path);
	if (!done)
		warn("%s", path);
	if (!done && fd >= 0)
		unlink(next);
	return done;
}

enum cli_unit_written cli_unit_drop_in_write(const struct cli_unit *unit, const char *text)
{
	char *path = cli_memory_format("%s%s", unit->root, cli_unit_drop_in_path(unit));
	const char *old;

	if (is_ours(path, &old) && !strcmp(old, text))
		return CLI_UNIT_SAME;
	if ((old || errno != ENOENT) && !is_ours(path, &old)) {
		warnx("%s: was not written by lockshim enable; move it away first", path);
		return CLI_UNIT_FAILED;
	}
	if (!make_directories(path) || !replace(path, text))
		return CLI_UNIT_FAILED;
	return CLI_UNIT_WRITTEN;
}

enum cli_unit_written cli_unit_drop_in_remove(const struct cli_unit *unit)
{
	const char *path = cli_memory_format("%s%s", unit->root, cli_unit_drop_in_path(unit));
	const char *old;

	if (access(path, F_OK) && errno == ENOENT)
		return CLI_UNIT_ABSENT;
	if (!is_ours(path, &old)) {
		warnx("%s: was not written by lockshim enable; it stays", path);
		return CLI_UNIT_FAILED;
	}
	if (unlink(path)) {
		warn("%s", path);
		return CLI_UNIT_FAILED;
	}
	rmdir(cli_memory_format("%.*s", (int)(strrchr(path, '/') - path), path));
	return CLI_UNIT_WRITTEN;
}
