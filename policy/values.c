/* SPDX-License-Identifier: MIT
 * From the text of an action's value to its number. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

#define SIZE_LEAST 64                 /* KiB: a head and some hundred events */
#define SIZE_MOST ((uint64_t)1 << 30) /* KiB */

static bool is(const struct policy_word *word, const char *text)
{
	return strlen(text) == word->len && !memcmp(text, word->text, word->len);
}

/* The choices of a key as "a, b or c" in at most SIZE bytes. */
static const char *choices_text(const struct policy_key *key, char *into, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; key->choices[i]; i++) {
		const char *between = !i ? "" : key->choices[i + 1] ? ", " : " or ";
		size_t between_len = strlen(between), len = strlen(key->choices[i]);

		if (at + between_len + len >= size)
			break;
		memcpy(into + at, between, between_len);
		memcpy(into + at + between_len, key->choices[i], len);
		at += between_len + len;
	}
	into[at] = '\0';
	return into;
}

static int unknown(const struct policy_key *key, const struct policy_word *word,
		   const struct policy_suggestion *near, const char *use, struct policy_error *err)
{
	if (near->best)
		return policy_fail(err, &word->place, -EINVAL,
				   "unknown value \"%w\" of \"%s\", did you mean \"%s\"?",
				   word->text, word->len, key->name, near->best);
	return policy_fail(err, &word->place, -EINVAL, "unknown value \"%w\" of \"%s\"; use %s",
			   word->text, word->len, key->name, use);
}

static int read_choice(const struct policy_key *key, const struct policy_word *word, int *ret,
		       struct policy_error *err)
{
	struct policy_suggestion near = { .word = word->text, .len = word->len };
	char choices[160];

	for (int i = 0; key->choices[i]; i++) {
		if (is(word, key->choices[i])) {
			*ret = i;
			return 0;
		}
		policy_suggest(&near, key->choices[i]);
	}
	return unknown(key, word, &near, choices_text(key, choices, sizeof(choices)), err);
}

/* The digits at the beginning of WORD, 0 where there are more than LIMIT; *ret_len: how many. */
static uint64_t read_digits(const struct policy_word *word, uint64_t limit, size_t *ret_len)
{
	uint64_t number = 0;
	size_t at = 0;

	for (; at < word->len && word->text[at] >= '0' && word->text[at] <= '9'; at++)
		number = number > limit ? number : 10 * number + (uint64_t)(word->text[at] - '0');
	*ret_len = at;
	return number > limit ? 0 : number;
}

static int read_errno(const struct policy_key *key, const struct policy_word *word, int *ret,
		      struct policy_error *err)
{
	struct policy_suggestion near = { .word = word->text, .len = word->len };
	size_t len;
	int number = (int)read_digits(word, 4095, &len);

	if (!number || len < word->len)
		number = policy_errno_number(word->text, word->len);
	if (number) {
		*ret = number;
		return 0;
	}
	policy_errno_suggest(&near);
	return unknown(key, word, &near, "an errno name or a number from 1 to 4095", err);
}

static int check_length(const struct policy_word *word, const char *what, struct policy_error *err)
{
	if (word->len <= POLICY_DIRECTORY_MAX)
		return 0;
	return policy_fail(err, &word->place, -EINVAL, "a %s of %u bytes; use at most 200", what,
			   (unsigned)word->len);
}

static int check_directory(const struct policy_key *key, const struct policy_word *word, int *ret,
			   struct policy_error *err)
{
	(void)key;
	(void)ret;
	if (*word->text != '/')
		return policy_fail(err, &word->place, -EINVAL,
				   "\"%w\" is not an absolute path; begin it with \"/\"",
				   word->text, word->len);
	return check_length(word, "directory", err);
}

static int check_destination(const struct policy_key *key, const struct policy_word *word, int *ret,
			     struct policy_error *err)
{
	struct policy_suggestion near = { .word = word->text, .len = word->len };

	(void)ret;
	if (*word->text == '/')
		return check_length(word, "path", err);
	if (is(word, "stderr") || is(word, "syslog"))
		return 0;
	policy_suggest(&near, "stderr");
	policy_suggest(&near, "syslog");
	return unknown(key, word, &near, "stderr, syslog or an absolute path", err);
}

static int read_size(const struct policy_key *key, const struct policy_word *word, int *ret,
		     struct policy_error *err)
{
	static const char letters[] = "KMG";
	const struct policy_suggestion none = { .best = NULL };
	const char *letter = NULL;
	size_t len;
	uint64_t number = read_digits(word, SIZE_MOST * POLICY_SIZE_UNIT, &len);

	if (len + 1 == word->len)
		letter = strchr(letters, word->text[len]);
	if (!letter)
		number = len == word->len ? number / POLICY_SIZE_UNIT : 0;
	for (; letter && letter > letters && number <= SIZE_MOST; letter--)
		number *= 1024;
	if (number < SIZE_LEAST || number > SIZE_MOST)
		return unknown(key, word, &none,
			       "a number of bytes from 64K to 1024G, with K, M or G behind it",
			       err);
	*ret = (int)number;
	return 0;
}

static int (*const readers[])(const struct policy_key *key, const struct policy_word *word,
			      int *ret, struct policy_error *err) = {
	[POLICY_KIND_CHOICE] = read_choice,
	[POLICY_KIND_ERRNO] = read_errno,
	[POLICY_KIND_DIRECTORY] = check_directory,
	[POLICY_KIND_DESTINATION] = check_destination,
	[POLICY_KIND_SIZE] = read_size,
};

int policy_value_read(const struct policy_key *key, const struct policy_word *word, int *ret,
		      struct policy_error *err)
{
	return readers[key->kind](key, word, ret, err);
}
