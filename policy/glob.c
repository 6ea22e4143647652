/* SPDX-License-Identifier: MIT
 * The glob of the policy language, without recursion: two places to go back to are enough. */
#include "policy/internal.h"

#include <string.h>

/* The end of a bracket expression (its "]"), or NULL where it has none. AT is at the "[". */
static const char *bracket_end(const char *at)
{
	at++;
	if (*at == '!' || *at == '^')
		at++;
	for (bool first = true; *at; first = false, at++) {
		if (*at == ']' && !first)
			return at;
		if (*at == '\\' && !*++at)
			return NULL;
	}
	return NULL;
}

/* One character of a bracket expression, and steps over it. */
static unsigned char bracket_char(const char **at)
{
	if (**at == '\\')
		++*at;
	return (unsigned char)*(*at)++;
}

/* True where the bracket at AT, which ends at END, takes C. */
static bool bracket_takes(const char *at, const char *end, char c)
{
	bool negated = at[1] == '!' || at[1] == '^', found = false;

	if (c == '/' || !c)
		return false;
	for (at += negated ? 2 : 1; at < end;) {
		unsigned char low = bracket_char(&at), high = low;

		if (*at == '-' && at + 1 < end) {
			at++;
			high = bracket_char(&at);
		}
		found = found || (low <= (unsigned char)c && (unsigned char)c <= high);
	}
	return found != negated;
}

/* Where the pattern goes on after taking C, or NULL where it does not take it. */
static const char *take(const char *pattern, char c)
{
	const char *end;

	switch (*pattern) {
	case '?':
		return c && c != '/' ? pattern + 1 : NULL;
	case '[':
		end = bracket_end(pattern);
		return end && bracket_takes(pattern, end, c) ? end + 1 : NULL;
	case '\\':
		pattern++;
		/* fall through */
	default:
		return c && *pattern == c ? pattern + 1 : NULL;
	}
}

/* Where matching goes on when it got stuck: the pattern after a star, and the text the star has
 * not taken yet. A later star replaces an earlier one: had the earlier one taken more, the later
 * one could only start further on and reach less. */
struct retreat {
	const char *pattern, *text;
};

static bool go_back(struct retreat *star, struct retreat *two, const char **pattern,
		    const char **text)
{
	struct retreat *to = star;

	if (!to->pattern || !*to->text || *to->text == '/')
		to = two;
	if (!to->pattern || !*to->text)
		return false;
	if (to == two)
		star->pattern = NULL;
	*pattern = to->pattern;
	*text = ++to->text;
	return true;
}

bool policy_glob(const char *pattern, const char *text)
{
	struct retreat star = { NULL, NULL }, two = { NULL, NULL };
	const char *start = pattern, *next;

	while (*pattern || *text) {
		if (pattern[0] == '*' && pattern[1] == '*') {
			const char *stars = pattern;

			while (*pattern == '*')
				pattern++;
			if (!*pattern)
				return true;
			/* The slash before may serve as the one after: no directory at all. */
			if (*pattern == '/' && stars > start && stars[-1] == '/')
				text--;
			two = (struct retreat){ pattern, text };
			star.pattern = NULL;
		} else if (*pattern == '*') {
			star = (struct retreat){ ++pattern, text };
		} else if ((next = take(pattern, *text))) {
			pattern = next;
			text++;
		} else if (!go_back(&star, &two, &pattern, &text)) {
			return false;
		}
	}
	return true;
}

size_t policy_glob_literal(const char *pattern)
{
	return strcspn(pattern, "*?[\\");
}

bool policy_glob_has_wildcard(const char *pattern, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (pattern[i] == '\\')
			i++;
		else if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[')
			return true;
	}
	return false;
}

static bool ranges_rise(const char *at, const char *end)
{
	for (at += at[1] == '!' || at[1] == '^' ? 2 : 1; at < end;) {
		unsigned char low = bracket_char(&at);

		if (*at != '-' || at + 1 >= end)
			continue;
		at++;
		if (bracket_char(&at) < low)
			return false;
	}
	return true;
}

static const char *bracket_fault(const char *at)
{
	const char *end = bracket_end(at);

	if (!end)
		return "has a \"[\" without its \"]\"; write \"\\[\" for the character";
	if (!ranges_rise(at, end))
		return "has a range that ends before it begins; swap its ends";
	return NULL;
}

const char *policy_glob_fault(const char *pattern)
{
	const char *fault;

	while (*pattern) {
		if (*pattern == '[') {
			fault = bracket_fault(pattern);
			if (fault)
				return fault;
			pattern = bracket_end(pattern);
		} else if (*pattern == '\\' && !*++pattern) {
			return "ends in a lone \"\\\"; write \"\\\\\" for the character";
		}
		pattern++;
	}
	return NULL;
}

void policy_glob_unescape(char *pattern)
{
	char *to = pattern;

	for (; *pattern; pattern++) {
		if (*pattern == '\\' && pattern[1])
			pattern++;
		*to++ = *pattern;
	}
	*to = '\0';
}
