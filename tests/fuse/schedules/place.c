/* SPDX-License-Identifier: MIT
 * Lines for .control and .await; README.md has them. */
#include "tests/fuse/schedules/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

/* PLACE's file is beside the control files. */
static void sibling(char *path, size_t size, const struct place *place, const char *name)
{
	int directory = (int)(strlen(place->path) - strlen(place->name));

	snprintf(path, size, "%.*s%s", directory, place->path, name);
}

__attribute__((format(printf, 3, 4))) static int say(const struct place *place, const char *where,
						     const char *line, ...)
{
	char path[600], text[128];
	va_list arguments;
	int length, fd, error = 0;

	va_start(arguments, line);
	length = vsnprintf(text, sizeof(text), line, arguments);
	va_end(arguments);
	sibling(path, sizeof(path), place, where);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	if (write(fd, text, (size_t)length) != length)
		error = errno;
	close(fd);
	return error;
}

static void control(const struct place *place, const char *command)
{
	errno = say(place, ".control", "%s %s\n", command, place->name);
	if (errno)
		fail(command);
}

struct place place_make(const char *mount, const char *name, unsigned crash_at)
{
	struct place place;
	int fd;

	snprintf(place.name, sizeof(place.name), "%s", name);
	snprintf(place.path, sizeof(place.path), "%s/%s", mount, name);
	fd = open(place.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(place.path);
	close(fd);
	/* It comes when the kernel wants, and would count. */
	errno = say(&place, ".await", "release %s", name);
	if (!errno)
		errno = say(&place, ".control", "on any %s %u crash\n", name, crash_at);
	if (errno)
		fail("the script");
	return place;
}

void place_await_waiters(const struct place *place, unsigned count)
{
	errno = say(place, ".await", "waits %s %u", place->name, count);
	if (errno && errno != EIO)
		fail("await");
}

void place_crash(const struct place *place)
{
	control(place, "crash");
}

void place_restart(const struct place *place)
{
	control(place, "restart");
}

static FILE *open_journal(const struct place *place)
{
	char path[600], name[40];
	FILE *journal;

	snprintf(name, sizeof(name), ".log.%s", place->name);
	sibling(path, sizeof(path), place, name);
	journal = fopen(path, "re");
	if (!journal)
		fail(path);
	return journal;
}

/* One after the other, and each by a handle of its own, which are never used again. */
unsigned place_holders_over(const struct place *place)
{
	unsigned long handle, last = 0;
	char line[512], word[32];
	FILE *journal = open_journal(place);
	unsigned over = 0;

	while (fgets(line, sizeof(line), journal)) {
		int read = sscanf(line, "%*u %31s %*s %*s handle=%lu", word, &handle);

		if (read < 1 || !strcmp(word, "crash"))
			break;
		if (read < 2 || strcmp(word, "let-go") || handle <= last)
			continue;
		over++;
		last = handle;
	}
	fclose(journal);
	return over;
}
