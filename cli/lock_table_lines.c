/* SPDX-License-Identifier: MIT
 * Reads the list and its lines. Buffers are kept and used again: who waits reads them for hours. */
#include "cli/lock_table_lines.h"
#include "cli/cli.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 8192  /* more than the kernel gives at a time */
#define READINGS 20 /* of a list that never stands still */

static const struct {
	const char *word;
	enum cli_lock_family family;
} families[] = {
	{ "FLOCK", CLI_LOCK_FLOCK }, { "POSIX", CLI_LOCK_POSIX }, { "OFDLCK", CLI_LOCK_OFD },
	{ "LEASE", CLI_LOCK_LEASE }, { "DELEG", CLI_LOCK_LEASE },
};

static enum cli_lock_family family_of(const char *word)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!strcmp(families[i].word, word))
			return families[i].family;
	}
	return CLI_LOCK_UNKNOWN;
}

/* "  -> " is as much wider as the waiter stands deeper. */
static const char *read_level(const char *at, unsigned *ret)
{
	size_t blanks = strspn(at, " ");

	*ret = 0;
	if (strncmp(at + blanks, "-> ", 3) != 0)
		return at;
	*ret = blanks ? (unsigned)blanks : 1;
	return at + blanks + 3;
}

bool cli_lock_line_read(const char *text, struct cli_lock_line *ret)
{
	char family[16], kind[16], mode[16], end[24];
	const char *at = text;

	*ret = (struct cli_lock_line){ .level = 0 };
	if (!strncmp(at, "lock:\t", 6))
		at += 6;
	at += strspn(at, "0123456789");
	if (at == text || *at != ':')
		return false;
	at = read_level(at + 1, &ret->level);
	if (sscanf(at, "%15s %15s %15s %d %x:%x:%" SCNu64 " %" SCNd64 " %23s", family, kind, mode,
		   &ret->pid, &ret->file.major, &ret->file.minor, &ret->file.inode, &ret->start,
		   end) != 9)
		return false;
	ret->family = family_of(family);
	ret->mandatory = !strcmp(kind, "MANDATORY");
	ret->write = *mode == 'W';
	ret->end = *end == 'E' ? CLI_LOCK_EOF : strtoll(end, NULL, 10);
	return ret->family != CLI_LOCK_UNKNOWN;
}

bool cli_lock_file_same(const struct cli_lock_file *one, const struct cli_lock_file *other)
{
	return one->inode == other->inode && one->major == other->major &&
	       one->minor == other->minor;
}

bool cli_lock_line_same(const struct cli_lock_line *one, const struct cli_lock_line *other)
{
	return cli_lock_file_same(&one->file, &other->file) && one->start == other->start &&
	       one->end == other->end && one->pid == other->pid && one->level == other->level &&
	       one->family == other->family && one->write == other->write;
}

static void *more(void *at, size_t size)
{
	at = realloc(at, size);
	if (!at)
		errx(CLI_FAILED, "out of memory");
	return at;
}

/* The pieces that it came in, or -1. */
static int read_pieces(struct cli_lock_lines *lines, int fd)
{
	size_t len = 0;
	int pieces = 0;

	for (;;) {
		ssize_t got;

		if (lines->text_room - len < PIECE) {
			lines->text_room = 2 * lines->text_room + 2 * PIECE;
			lines->text = more(lines->text, lines->text_room);
		}
		got = read(fd, lines->text + len, lines->text_room - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		len += (size_t)got;
		lines->text[len] = '\0';
		if (got == 0)
			return pieces;
		pieces++;
	}
}

static int read_text(struct cli_lock_lines *lines)
{
	int fd = open("/proc/locks", O_RDONLY | O_CLOEXEC), pieces, saved;

	if (fd < 0)
		return -1;
	pieces = read_pieces(lines, fd);
	saved = errno;
	close(fd);
	errno = saved;
	return pieces;
}

static void put_by(struct cli_lock_lines *lines)
{
	char *text = lines->text;
	size_t room = lines->text_room;

	lines->text = lines->before;
	lines->text_room = lines->before_room;
	lines->before = text;
	lines->before_room = room;
}

/* What came in one piece is of one moment. */
static bool read_whole(struct cli_lock_lines *lines)
{
	lines->torn = false;
	for (int reading = 0; reading < READINGS; reading++) {
		int pieces = read_text(lines);

		if (pieces < 0)
			return false;
		if (pieces <= 1 || (reading && !strcmp(lines->text, lines->before)))
			return true;
		put_by(lines);
	}
	put_by(lines);
	lines->torn = true;
	return true;
}

static void add_line(struct cli_lock_lines *lines, const char *text)
{
	if (lines->count == lines->room) {
		lines->room = 2 * lines->room + 64;
		lines->at = more(lines->at, lines->room * sizeof(*lines->at));
	}
	if (cli_lock_line_read(text, &lines->at[lines->count]))
		lines->count++;
}

bool cli_lock_lines_read(struct cli_lock_lines *lines)
{
	char *at, *end;

	lines->count = 0;
	if (!read_whole(lines))
		return false;
	for (at = lines->text; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		add_line(lines, at);
	}
	return true;
}
