/* SPDX-License-Identifier: MIT
 * The glob: a table, and a slow matcher that tries everything to compare with. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

struct row {
	const char *pattern, *text;
	bool expected;
};

static void test_policy_glob_matches_as_documented(void **state)
{
	static const struct row rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "abc", "abc", true },
		{ "abc", "ab", false },
		{ "ab", "abc", false },
		{ "?", "a", true },
		{ "?", "", false },
		{ "a?c", "a/c", false },
		{ "*", "", true },
		{ "*", "abc", true },
		{ "*", "a/b", false },
		{ "a*c", "abcbc", true },
		{ "a*c", "ab/c", false },
		{ "*.lock", ".lock", true },
		{ "/srv/*/x", "/srv/a/x", true },
		{ "/srv/*/x", "/srv/a/b/x", false },
		{ "/srv/*", "/srv/", true },
		{ "/srv/**", "/srv/a/b", true },
		{ "/srv/**", "/srv", false },
		{ "/srv/***", "/srv/a/b", true },
		{ "/srv/**/x", "/srv/a/b/x", true },
		{ "/srv/**/x", "/srv/x", true },
		{ "/srv/**/x", "/srvx", false },
		{ "/srv/**/x", "/srv/ax", false },
		{ "/**/a/**/b", "/a/b", true },
		{ "/**/a/**/b", "/x/a/y/z/b", true },
		{ "/srv/**x", "/srv/a/x", true },
		{ "**/b", "a/b", true },
		{ "**a*b", "aca/ab", true },
		{ "/**/*.d/*.conf", "/etc/x.d/y.d/z.conf", true },
		{ "[a-c]", "b", true },
		{ "[a-c]", "d", false },
		{ "[!a-c]", "d", true },
		{ "[^a-c]", "b", false },
		{ "[!a]", "/", false },
		{ "[.-0]", "/", false },
		{ "[]]", "]", true },
		{ "[!]]", "]", false },
		{ "[a-]", "-", true },
		{ "[\\]]", "]", true },
		{ "[a", "[a", false },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "\\\\", "\\", true },
		{ "a\\", "a\\", false },
		{ "\xff?", "\xff\xfe", true },
		{ "[\x80-\xff]", "\xc3", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (policy_glob(rows[i].pattern, rows[i].text) != rows[i].expected)
			fail_msg("\"%s\" on \"%s\"", rows[i].pattern, rows[i].text);
}

/* The bracket at AT as a set of bytes; returns its end, or NULL. */
static const char *slow_bracket(const char *at, bool set[256])
{
	bool negated = *++at == '!' || *at == '^', first = true;

	memset(set, 0, 256);
	for (at += negated; *at && (*at != ']' || first); first = false) {
		unsigned low, high;

		at += *at == '\\';
		if (!*at)
			return NULL;
		low = high = (unsigned char)*at++;
		if (*at == '-' && at[1] && at[1] != ']') {
			at += at[1] == '\\' ? 2 : 1;
			if (!*at)
				return NULL;
			high = (unsigned char)*at++;
		}
		for (unsigned c = low; c <= high; c++)
			set[c] = true;
	}
	for (unsigned c = 0; negated && c < 256; c++)
		set[c] = !set[c];
	set['/'] = set[0] = false;
	return *at ? at + 1 : NULL;
}

static bool slow(const char *start, const char *pattern, const char *text)
{
	bool set[256];
	const char *next;

	if (!*pattern)
		return !*text;
	if (*pattern == '*') {
		size_t stars = strspn(pattern, "*");
		const char *rest = pattern + stars;

		if (stars > 1 && *rest == '/' && pattern > start && pattern[-1] == '/' &&
		    slow(start, rest + 1, text))
			return true;
		for (;; text++) {
			if (slow(start, rest, text))
				return true;
			if (!*text || (stars == 1 && *text == '/'))
				return false;
		}
	}
	if (*pattern == '?')
		return *text && *text != '/' && slow(start, pattern + 1, text + 1);
	if (*pattern == '[') {
		next = slow_bracket(pattern, set);
		return next && set[(unsigned char)*text] && slow(start, next, text + 1);
	}
	pattern += *pattern == '\\';
	return *pattern && *pattern == *text && slow(start, pattern + 1, text + 1);
}

static void fill(char *into, unsigned len, const char *alphabet)
{
	for (; len; len--)
		*into++ = alphabet[unit_random((unsigned)strlen(alphabet))];
	*into = '\0';
}

static void test_policy_glob_equals_the_slow_matcher(void **state)
{
	char pattern[16], text[16];
	unsigned matched = 0;

	(void)state;
	for (int round = 0; round < 2000000; round++) {
		bool expected;

		fill(pattern, unit_random(10), round & 1 ? "ab/**" : "aab//***?[]!-\\");
		fill(text, unit_random(10), round & 2 ? "ab/" : "aab/-]");
		expected = slow(pattern, pattern, text);
		matched += expected;
		if (policy_glob(pattern, text) != expected)
			fail_msg("\"%s\" on \"%s\"", pattern, text);
	}
	assert_in_range(matched, 1000, 1000000);
}

static void test_policy_glob_is_quick_on_hostile_patterns(void **state)
{
	char pattern[256], text[4096];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 3);
	strcat(pattern, "b");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(policy_glob(pattern, text));
	for (size_t i = 0; i + 4 < sizeof(pattern); i += 3)
		memcpy(pattern + i, "**a", 4);
	strcat(pattern, "b");
	assert_false(policy_glob(pattern, text));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_glob_matches_as_documented),
		cmocka_unit_test(test_policy_glob_equals_the_slow_matcher),
		cmocka_unit_test(test_policy_glob_is_quick_on_hostile_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
