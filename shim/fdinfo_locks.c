/* SPDX-License-Identifier: MIT
 * Read piece by piece: a description may hold more than a buffer of ours would. */
#include "shim/fdinfo_locks.h"

#include <string.h>

#include "shim/proc_fd.h"

/* The kernel gives a page of the list at a time, and lets go of it in between. */
#define PIECE ((size_t)16384)
#define PAGE 4096u

static void begin_few(struct lock_lines *ret)
{
	ret->at = ret->len = ret->left = 0;
	ret->of_all = ret->in_page = false;
	ret->room = ret->next = sizeof ret->few;
	ret->text = ret->few;
}

int lock_lines_of(struct lock_lines *ret, int fd)
{
	begin_few(ret);
	return proc_fd_open_info(&ret->file, fd);
}

int lock_lines_at(struct lock_lines *ret, const char *path)
{
	begin_few(ret);
	return own_fd_open(&ret->file, path, O_RDONLY);
}

int lock_lines_of_all(struct lock_lines *ret, unsigned first)
{
	ret->at = ret->len = ret->left = 0;
	ret->of_all = true;
	ret->in_page = false;
	ret->room = PIECE;
	ret->next = first;
	ret->text = sys_pages(PIECE);
	ret->file.fd = -ENOMEM;
	return ret->text ? own_fd_open(&ret->file, "/proc/locks", O_RDONLY) : -ENOMEM;
}

void lock_lines_end(struct lock_lines *lines)
{
	own_fd_close(&lines->file);
	if (lines->text && lines->text != lines->few)
		sys_pages_free(lines->text, PIECE);
}

/* "3: -> OFDLCK …": told with the lock that it waits for, on one page. */
static bool is_waiter(const char *line, unsigned len)
{
	const char *at = memchr(line, ':', len);
	unsigned gone = at ? (unsigned)(at - line) + 1 : len;

	while (gone < len && line[gone] == ' ')
		gone++;
	return gone + 1 < len && line[gone] == '-' && line[gone + 1] == '>';
}

/* From AT to the end of its line, and of those that wait for it. */
static unsigned record_end(const char *text, unsigned at, unsigned len)
{
	const char *end;

	do {
		end = at < len ? memchr(text + at, '\n', len - at) : NULL;
		if (!end)
			return len;
		at = (unsigned)(end - text) + 1;
	} while (is_waiter(text + at, len - at));
	return at;
}

/* The kernel ends a page where the next lock does not fit, or where the list ends. So where what
 * comes now had fitted, the list had ended, and this is its end once more: it was moved by what has
 * come since at its beginning. */
static bool is_behind_end(struct lock_lines *lines, const char *text, unsigned len, unsigned asked)
{
	bool begun = lines->in_page && (lines->len || is_waiter(text, len));
	unsigned rest = begun ? record_end(text, 0, len) : 0;

	if (lines->left && record_end(text, 0, len) < lines->left)
		return true;
	lines->in_page = len == asked;
	lines->left = len < asked && len - rest < PAGE ? PAGE - (len - rest) : 0;
	return false;
}

static bool refill(struct lock_lines *lines)
{
	unsigned asked;
	long got;

	lines->len -= lines->at;
	memmove(lines->text, lines->text + lines->at, lines->len);
	lines->at = 0;
	asked = lines->room - lines->len;
	if (lines->next < asked)
		asked = lines->next;
	got = sys_read(lines->file.fd, lines->text + lines->len, asked);
	lines->next = lines->room;
	if (got > 0 && lines->of_all &&
	    is_behind_end(lines, lines->text + lines->len, (unsigned)got, asked))
		return false;
	lines->len += got > 0 ? (unsigned)got : 0;
	return got > 0;
}

/* Terminated; NULL at the end. */
static const char *next_line(struct lock_lines *lines)
{
	char *start, *end;

	do {
		start = lines->text + lines->at;
		end = memchr(start, '\n', lines->len - lines->at);
	} while (!end && refill(lines));
	if (!end)
		return NULL;
	*end = '\0';
	lines->at = (unsigned)(end - lines->text) + 1;
	return start;
}

static const char *behind(const char *word)
{
	word += strcspn(word, " ");
	return word + strspn(word, " ");
}

static const char *read_number(const char *at, unsigned base, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;

	for (*ret = 0; *at && (digit = memchr(digits, *at, base)); at++)
		*ret = *ret * base + (uint64_t)(digit - digits);
	return at;
}

static enum listed_family family_at(const char *at)
{
	if (!strncmp(at, "OFDLCK ", 7))
		return LISTED_OFD;
	if (!strncmp(at, "POSIX ", 6))
		return LISTED_POSIX;
	return strncmp(at, "FLOCK ", 6) ? LISTED_OTHER : LISTED_FLOCK;
}

/* "fe:00:5678 0 EOF" */
static bool read_place(const char *at, struct listed_lock *ret)
{
	uint64_t number;

	at = read_number(at, 16, &number);
	ret->major = (unsigned)number;
	at = read_number(at + (*at == ':'), 16, &number);
	ret->minor = (unsigned)number;
	at = read_number(at + (*at == ':'), 10, &ret->inode);
	if (*at != ' ')
		return false;
	at = read_number(at + 1, 10, &number);
	ret->start = (int64_t)number;
	if (*at != ' ')
		return false;
	at = read_number(at + 1, 10, &number);
	ret->end = *at == 'E' ? INT64_MAX : (int64_t)number;
	return true;
}

static bool read_lock(const char *at, struct listed_lock *ret)
{
	uint64_t number;
	bool negative;

	memset(ret, 0, sizeof *ret);
	at = read_number(at + (strncmp(at, "lock:\t", 6) ? 0 : 6), 10, &number);
	if (*at != ':')
		return false;
	at = behind(at);
	ret->wait = !strncmp(at, "->", 2);
	if (ret->wait)
		at = behind(at);
	ret->family = family_at(at);
	at = behind(behind(at));
	ret->type = *at == 'W' ? F_WRLCK : F_RDLCK;
	if (*at != 'W' && *at != 'R')
		return false;
	at = behind(at);
	negative = *at == '-';
	at = read_number(at + negative, 10, &number);
	ret->pid = negative ? -(int)number : (int)number;
	return read_place(at + strspn(at, " "), ret);
}

bool lock_lines_next(struct lock_lines *lines, struct listed_lock *ret)
{
	const char *line;

	while ((line = next_line(lines)))
		if (read_lock(line, ret))
			return true;
	return false;
}
