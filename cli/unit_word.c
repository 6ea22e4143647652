/* SPDX-License-Identifier: MIT
 * Words of a setting: quotes, backslashes and specifiers, as far as paths and names use them. */
#include "cli/memory.h"
#include "cli/unit.h"

#include <ctype.h>
#include <string.h>

enum part { WHOLE, STEM, PREFIX, INSTANCE, LAST };

static const struct {
	char letter;
	enum part part;
	bool unescaped;
} parts[] = {
	{ 'n', WHOLE, false }, { 'N', STEM, false },     { 'p', PREFIX, false },
	{ 'P', PREFIX, true }, { 'i', INSTANCE, false }, { 'I', INSTANCE, true },
	{ 'j', LAST, false },  { 'J', LAST, true },
};

/* Of the system's own manager, which runs as root. */
static const struct {
	char letter;
	const char *text;
} constants[] = {
	{ '%', "%" },        { 't', "/run" }, { 'S', "/var/lib" }, { 'C', "/var/cache" },
	{ 'L', "/var/log" }, { 'E', "/etc" }, { 'T', "/tmp" },     { 'V', "/var/tmp" },
	{ 'h', "/root" },    { 'u', "root" }, { 'U', "0" },        { 'g', "root" },
	{ 'G', "0" },
};

static const char *part_of(const char *name, enum part part)
{
	const char *at = strchr(name, '@'), *dot = strrchr(name, '.'), *end = at ? at : dot;

	switch (part) {
	case WHOLE:
		return name;
	case STEM:
		return cli_memory_format("%.*s", (int)(dot - name), name);
	case INSTANCE:
		return at ? cli_memory_format("%.*s", (int)(dot - at - 1), at + 1) : "";
	case LAST:
		for (const char *dash; (dash = memchr(name, '-', (size_t)(end - name)));)
			name = dash + 1;
		break;
	case PREFIX:
		break;
	}
	return cli_memory_format("%.*s", (int)(end - name), name);
}

static int digit(char letter, int base)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = letter ? strchr(digits, tolower((unsigned char)letter)) : NULL;

	return found && found - digits < base ? (int)(found - digits) : -1;
}

/* The byte that COUNT digits are, or -1. */
static int number(const char *text, int base, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (digit(text[i], base) < 0)
			return -1;
		value = value * base + digit(text[i], base);
	}
	return value > 0 && value < 256 ? value : -1;
}

/* As systemd-escape -u. */
static const char *unescaped_name(const char *name)
{
	char *text = cli_memory_format("%s", name), *to = text;

	for (const char *at = text; *at; at++) {
		int byte = at[0] == '\\' && at[1] == 'x' ? number(at + 2, 16, 2) : -1;

		*to++ = byte >= 0 ? (char)byte : *at == '-' ? '/' : *at;
		at += byte >= 0 ? 3 : 0;
	}
	*to = '\0';
	return text;
}

static const char *specifier(const struct cli_unit *unit, char letter)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *part;

		if (parts[i].letter != letter)
			continue;
		part = part_of(unit->name, parts[i].part);
		return parts[i].unescaped ? unescaped_name(part) : part;
	}
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		if (constants[i].letter == letter)
			return constants[i].text;
	}
	return NULL;
}

struct word {
	char *text;
	size_t len, room;
	const char *unknown;
};

static void put(struct word *word, const char *from, size_t len)
{
	if (word->len + len + 1 > word->room) {
		size_t room = 2 * (word->len + len + 1);
		char *text = cli_memory_get(room);

		if (word->len)
			memcpy(text, word->text, word->len);
		word->text = text;
		word->room = room;
	}
	memcpy(word->text + word->len, from, len);
	word->len += len;
	word->text[word->len] = '\0';
}

/* What stands behind a backslash; *ret_len: how much of it. */
static char unescaped(const char *at, size_t *ret_len)
{
	static const char letters[] = "abfnrtvs", meant[] = "\a\b\f\n\r\t\v ";
	const char *found = strchr(letters, *at);
	int hex = *at == 'x' ? number(at + 1, 16, 2) : -1, octal = number(at, 8, 3);

	*ret_len = hex >= 0 || octal >= 0 ? 3 : 1;
	if (hex >= 0 || octal >= 0)
		return (char)(hex >= 0 ? hex : octal);
	return found ? meant[found - letters] : *at;
}

static size_t take_specifier(const struct cli_unit *unit, struct word *word, const char *at)
{
	const char *meant = specifier(unit, at[1]);

	if (!meant) {
		word->unknown = cli_memory_format("%.2s", at);
		meant = word->unknown;
	}
	put(word, meant, strlen(meant));
	return 2;
}

/* One character of the source into the word; returns how many it took. */
static size_t take(const struct cli_unit *unit, struct word *word, const char *at)
{
	size_t len;
	char letter;

	if (*at == '%' && at[1])
		return take_specifier(unit, word, at);
	if (*at == '\\' && at[1]) {
		letter = unescaped(at + 1, &len);
		put(word, &letter, 1);
		return 1 + len;
	}
	put(word, at, 1);
	return 1;
}

const char *cli_unit_word_of(const struct cli_unit *unit, const char **at, const char **ret_unknown)
{
	struct word word = { .len = 0 };
	char quote = 0;

	*at += strspn(*at, " \t\n");
	if (!**at)
		return NULL;
	put(&word, "", 0);
	while (**at && (quote || !strchr(" \t\n", **at))) {
		if (quote ? **at == quote : **at == '"' || **at == '\'') {
			quote = quote ? 0 : **at;
			++*at;
		} else {
			*at += take(unit, &word, *at);
		}
	}
	*ret_unknown = word.unknown;
	return word.text;
}

const char *cli_unit_word(const struct cli_unit *unit, const char **at)
{
	const char *unknown;

	return cli_unit_word_of(unit, at, &unknown);
}

const char *cli_unit_expand(const struct cli_unit *unit, const char *value,
			    const char **ret_unknown)
{
	struct word word = { .len = 0 };

	put(&word, "", 0);
	while (*value) {
		if (*value == '%' && value[1])
			value += take_specifier(unit, &word, value);
		else
			put(&word, value++, 1);
	}
	*ret_unknown = word.unknown;
	return word.text;
}
