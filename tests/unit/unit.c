/* SPDX-License-Identifier: MIT
 * Support of the unit tests; see unit.h. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct block {
	struct block *next;
	_Alignas(max_align_t) char bytes[];
};

static struct block *blocks;
static char directory[64];

size_t unit_memory_calls, unit_memory_fail_at;
struct policy *unit_policy;
int unit_result;
struct policy_error unit_error;

static void *more(void *context, size_t size)
{
	struct block *block;

	(void)context;
	if (++unit_memory_calls >= unit_memory_fail_at && unit_memory_fail_at)
		return NULL;
	block = calloc(1, sizeof(*block) + size);
	assert_non_null(block);
	block->next = blocks;
	blocks = block;
	return block->bytes;
}

const struct policy_memory unit_memory = { more, NULL };

void unit_forget(void)
{
	while (blocks) {
		struct block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
	unit_memory_calls = 0;
	unit_policy = NULL;
}

static struct policy_trust trust_here(void)
{
	return (struct policy_trust){ .user = geteuid() };
}

static char *replace(const char *text, const char *from, const char *to)
{
	size_t size = strlen(text) * (strlen(to) + 1) + 1;
	char *result = malloc(size), *at = result;

	assert_non_null(result);
	while (*text) {
		if (!strncmp(text, from, strlen(from))) {
			at = stpcpy(at, to);
			text += strlen(from);
		} else {
			*at++ = *text++;
		}
	}
	*at = '\0';
	return result;
}

/* What holds for every error, whichever it is. */
static void check_error(void)
{
	size_t len = strlen(unit_error.text);

	assert_in_range(len, 1, sizeof(unit_error.text) - 1);
	assert_int_not_equal(unit_error.text[len - 1], '.');
	assert_null(strchr(unit_error.text, '\n'));
	assert_non_null(unit_error.file);
	assert_null(unit_policy);
}

static const char *answer(int result)
{
	static char line[16384];
	char *text;

	unit_result = result;
	if (!result)
		return "ok";
	assert_in_range(-result, 1, 4095);
	text = replace(unit_error.text, unit_directory(), "@");
	if (unit_error.line)
		snprintf(line, sizeof(line), "%u:%u: %s", unit_error.line, unit_error.column, text);
	else
		snprintf(line, sizeof(line), "%s", text);
	free(text);
	text = replace(unit_error.file, unit_directory(), "@");
	memmove(line + strlen(text) + 1, line, strlen(line) + 1);
	memcpy(line, text, strlen(text));
	line[strlen(text)] = ':';
	free(text);
	return line;
}

const char *unit_parse_bytes(const char *text, size_t len)
{
	struct policy_trust trust = trust_here();
	int result;

	unit_forget();
	result = policy_parse(&unit_policy, "p", text, len, &trust, &unit_memory, &unit_error);
	if (result)
		check_error();
	else
		assert_non_null(unit_policy);
	return answer(result);
}

const char *unit_parse(const char *text)
{
	char *full = replace(text, "@", unit_directory());
	const char *line = unit_parse_bytes(full, strlen(full));

	free(full);
	return line;
}

const char *unit_load(const char *name)
{
	struct policy_trust trust = trust_here();
	int result;

	unit_forget();
	result = policy_load(&unit_policy, name, &trust, &unit_memory, &unit_error);
	if (result)
		check_error();
	else
		assert_non_null(unit_policy);
	return answer(result);
}

const char *unit_overlay(const char *text)
{
	return answer(
		policy_overlay(unit_policy, "SET", text, strlen(text), &unit_memory, &unit_error));
}

void unit_check_parse(const struct unit_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(unit_parse(rows[i].text), rows[i].expected);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_directory(void)
{
	nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *unit_directory(void)
{
	if (!*directory) {
		strcpy(directory, "/tmp/lockshim-unit-XXXXXX");
		assert_non_null(mkdtemp(directory));
		assert_int_equal(chmod(directory, 0755), 0);
		atexit(remove_directory);
	}
	return directory;
}

const char *unit_path(const char *name)
{
	static char paths[4][512];
	static unsigned turn;
	char *path = paths[turn++ % COUNT(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", unit_directory(), name);
	return path;
}

void unit_write(const char *name, const char *text, unsigned mode)
{
	char *full = replace(text, "@", unit_directory());
	int fd = open(unit_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, full, strlen(full)), strlen(full));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
	free(full);
}

unsigned unit_random(unsigned limit)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % limit;
}
