/* SPDX-License-Identifier: MIT
 * Reads the list and its lines. Buffers are kept and used again: who waits reads them for hours. */
#include "cli/lock_table_lines.h"
#include "cli/cli.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORD 24
#define PIECE 8192 /* more than the kernel gives at a time */
#define SHORT 4096 /* it gives as much, where there is more */

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

/* Words are split by blanks; false where there is none, or it is too long. */
static bool read_word(const char **at, char into[WORD])
{
	size_t len;

	*at += strspn(*at, " ");
	len = strcspn(*at, " ");
	if (!len || len >= WORD)
		return false;
	memcpy(into, *at, len);
	into[len] = '\0';
	*at += len;
	return true;
}

/* "fe:00:5678 0 EOF" */
static bool read_place(const char *at, struct cli_lock_line *ret)
{
	char *end;

	ret->file.major = (unsigned)strtoul(at, &end, 16);
	if (*end != ':')
		return false;
	ret->file.minor = (unsigned)strtoul(end + 1, &end, 16);
	if (*end != ':')
		return false;
	ret->file.inode = strtoull(end + 1, &end, 10);
	if (*end != ' ')
		return false;
	ret->start = strtoll(end, &end, 10);
	if (*end != ' ')
		return false;
	ret->end = end[1] == 'E' ? CLI_LOCK_EOF : strtoll(end, NULL, 10);
	return true;
}

bool cli_lock_line_read(const char *text, struct cli_lock_line *ret)
{
	char family[WORD], kind[WORD], mode[WORD], pid[WORD];
	const char *at = text;

	*ret = (struct cli_lock_line){ .level = 0 };
	if (!strncmp(at, "lock:\t", 6))
		at += 6;
	at += strspn(at, "0123456789");
	if (at == text || *at != ':')
		return false;
	at = read_level(at + 1, &ret->level);
	if (!read_word(&at, family) || !read_word(&at, kind) || !read_word(&at, mode) ||
	    !read_word(&at, pid) || !read_place(at, ret))
		return false;
	ret->family = family_of(family);
	ret->mandatory = !strcmp(kind, "MANDATORY");
	ret->write = *mode == 'W';
	ret->pid = (int)strtol(pid, NULL, 10);
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

static int compare_keys(const uint64_t (*keys)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	}
	return 0;
}

int cli_lock_file_compare(const struct cli_lock_file *one, const struct cli_lock_file *other)
{
	const uint64_t keys[][2] = {
		{ one->inode, other->inode },
		{ one->major, other->major },
		{ one->minor, other->minor },
	};

	return compare_keys(keys, sizeof(keys) / sizeof(keys[0]));
}

int cli_lock_line_compare(const struct cli_lock_line *one, const struct cli_lock_line *other)
{
	const uint64_t keys[][2] = {
		{ (uint64_t)one->start, (uint64_t)other->start },
		{ (uint64_t)one->end, (uint64_t)other->end },
		{ (uint64_t)one->pid, (uint64_t)other->pid },
		{ one->level, other->level },
		{ one->family, other->family },
		{ one->write, other->write },
	};
	int order = cli_lock_file_compare(&one->file, &other->file);

	return order ? order : compare_keys(keys, sizeof(keys) / sizeof(keys[0]));
}

static void *more(void *at, size_t size)
{
	at = realloc(at, size);
	if (!at)
		errx(CLI_FAILED, "out of memory");
	return at;
}

static const char *read_next(const char *at, struct cli_lock_line *ret)
{
	const char *end = strchr(at, '\n');

	return end && cli_lock_line_read(at, ret) ? end + 1 : NULL;
}

static bool has_line(const char *text, const char *end, const struct cli_lock_line *line)
{
	struct cli_lock_line other;

	while (text && text < end) {
		text = read_next(text, &other);
		if (text && cli_lock_line_same(&other, line))
			return true;
	}
	return false;
}

/* Of the record at TEXT: a lock, and who waits for it. */
static size_t record_size(const char *text)
{
	const char *end = strchr(text, '\n');
	struct cli_lock_line line;

	while (end && cli_lock_line_read(end + 1, &line) && line.level)
		end = strchr(end + 1, '\n');
	return end ? (size_t)(end + 1 - text) : strlen(text);
}

/* The kernel goes on by a count of records: locks that came since push the last ones behind the
 * end, where they are read once more. Told of a list that came in one piece, where what follows is
 * known and would have fitted: locks that read alike may be two. */
static bool is_read_again(const char *text, size_t len)
{
	const char *piece = text + len, *at = piece;
	struct cli_lock_line line;

	if (len + record_size(piece) >= SHORT)
		return false;
	while (at && *at) {
		at = read_next(at, &line);
		if (!at || !has_line(text, piece, &line))
			return false;
	}
	return true;
}

int cli_lock_text_read(int fd, char **text, size_t *room)
{
	size_t len = 0;
	int pieces = 0;

	for (;;) {
		ssize_t got;

		if (*room - len < PIECE) {
			*room = 2 * *room + 2 * PIECE;
			*text = more(*text, *room);
		}
		got = read(fd, *text + len, *room - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		(*text)[len + (size_t)got] = '\0';
		if (got == 0)
			return pieces;
		pieces++;
		if (pieces == 2 && is_read_again(*text, len)) {
			(*text)[len] = '\0';
			return pieces;
		}
		len += (size_t)got;
	}
}

static int read_text(struct cli_lock_lines *lines, unsigned slot)
{
	int fd = open("/proc/locks", O_RDONLY | O_CLOEXEC), pieces, saved;

	if (fd < 0)
		return -1;
	pieces = cli_lock_text_read(fd, &lines->text[slot], &lines->room[slot]);
	saved = errno;
	close(fd);
	errno = saved;
	return pieces;
}

static void add_line(struct cli_lock_list *list, const struct cli_lock_line *line)
{
	if (list->count == list->room) {
		list->room = 2 * list->room + 64;
		list->at = more(list->at, list->room * sizeof(*list->at));
	}
	list->at[list->count++] = *line;
}

static void read_lines(struct cli_lock_list *list, char *text)
{
	struct cli_lock_line line;
	char *end;

	list->count = 0;
	for (; (end = strchr(text, '\n')); text = end + 1) {
		*end = '\0';
		if (cli_lock_line_read(text, &line))
			add_line(list, &line);
	}
}

/* A line of the merged list: how often each reading has it. */
struct entry {
	const struct cli_lock_line *line;
	size_t counts[CLI_LOCK_READINGS], added;
};

struct index {
	struct entry *at;
	size_t room; /* a power of two */
};

static size_t hash_of(const struct cli_lock_line *line)
{
	uint64_t hash = line->file.inode;

	hash = hash * 0x9e3779b97f4a7c15u + (uint64_t)line->start;
	hash = hash * 0x9e3779b97f4a7c15u + (uint64_t)line->pid;
	return (size_t)((hash * 0x9e3779b97f4a7c15u) >> 20);
}

static struct entry *find(const struct index *index, const struct cli_lock_line *line)
{
	size_t at = hash_of(line) & (index->room - 1);

	while (index->at[at].line && !cli_lock_line_same(index->at[at].line, line))
		at = (at + 1) & (index->room - 1);
	index->at[at].line = line;
	return &index->at[at];
}

static struct index make_index(const struct cli_lock_lines *lines)
{
	struct index ret = { .room = 64 };
	size_t total = 0;

	for (size_t i = 0; i < CLI_LOCK_READINGS; i++)
		total += lines->readings[i].count;
	while (ret.room < 2 * total)
		ret.room *= 2;
	ret.at = memset(more(NULL, ret.room * sizeof(*ret.at)), 0, ret.room * sizeof(*ret.at));
	for (size_t i = 0; i < CLI_LOCK_READINGS; i++) {
		const struct cli_lock_list *list = &lines->readings[i];

		for (size_t j = 0; j < list->count; j++)
			find(&ret, &list->at[j])->counts[i]++;
	}
	return ret;
}

static int compare_counts(const void *one, const void *other)
{
	const size_t a = *(const size_t *)one, b = *(const size_t *)other;

	return a < b ? -1 : a > b;
}

static size_t median(const struct entry *entry)
{
	size_t counts[CLI_LOCK_READINGS];

	memcpy(counts, entry->counts, sizeof(counts));
	qsort(counts, CLI_LOCK_READINGS, sizeof(counts[0]), compare_counts);
	return counts[CLI_LOCK_READINGS / 2];
}

/* A lock comes with its waiters at once, so they go together. */
static void add_missing(struct cli_lock_list *to, const struct cli_lock_list *reading,
			const struct index *index)
{
	bool missing = false;

	for (size_t i = 0; i < reading->count; i++) {
		const struct cli_lock_line *line = &reading->at[i];

		if (!line->level) {
			struct entry *entry = find(index, line);

			missing = entry->added < median(entry);
			entry->added += missing;
		}
		if (missing)
			add_line(to, line);
	}
}

/* The latest first. */
static bool put_together(struct cli_lock_lines *lines)
{
	struct index index;

	for (int i = 0; i < CLI_LOCK_READINGS; i++)
		read_lines(&lines->readings[i], lines->text[i]);
	index = make_index(lines);
	lines->list.count = 0;
	for (int i = CLI_LOCK_READINGS - 1; i >= 0; i--)
		add_missing(&lines->list, &lines->readings[i], &index);
	free(index.at);
	return true;
}

/* What came in one piece is of one moment. */
bool cli_lock_lines_read(struct cli_lock_lines *lines)
{
	for (unsigned i = 0; i < CLI_LOCK_READINGS; i++) {
		int pieces = read_text(lines, i);

		if (pieces < 0)
			return false;
		if (pieces <= 1 || (i && !strcmp(lines->text[i], lines->text[i - 1]))) {
			read_lines(&lines->list, lines->text[i]);
			return true;
		}
	}
	return put_together(lines);
}
