/* SPDX-License-Identifier: MIT
 * Words of a setting: quotes, backslashes and specifiers, as far as paths and names use them. */
#include "cli/memory.h"
#include "cli/unit.h"

#include <string.h>

/* What stands between the @ and the last dot. */
static const char *instance_of(const char *name)
{
	const char *at = strchr(name, '@');

	return at ? cli_memory_format("%.*s", (int)(strrchr(name, '.') - at - 1), at + 1) : "";
}

static const char *specifier(const struct cli_unit *unit, char letter)
{
	const char *name = unit->name;

	switch (letter) {
	case '%':
		return "%";
	case 'n':
		return name;
	case 'N':
		return cli_memory_format("%.*s", (int)(strrchr(name, '.') - name), name);
	case 'p':
		return cli_memory_format("%.*s", (int)strcspn(name, "@."), name);
	case 'i':
	case 'I':
		return instance_of(name);
	case 't':
		return "/run";
	case 'S':
		return "/var/lib";
	case 'C':
		return "/var/cache";
	case 'L':
		return "/var/log";
	default:
		return NULL;
	}
}

struct word {
	char *text;
	size_t len, room;
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

static char unescaped(char letter)
{
	static const char letters[] = "abfnrtvs", meant[] = "\a\b\f\n\r\t\v ";
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? meant[found - letters] : letter;
}

/* One character of the source into the word; returns how many it took. */
static size_t take(const struct cli_unit *unit, struct word *word, const char *at)
{
	const char *meant = *at == '%' && at[1] ? specifier(unit, at[1]) : NULL;
	char letter;

	if (meant) {
		put(word, meant, strlen(meant));
		return 2;
	}
	if (*at == '\\' && at[1]) {
		letter = unescaped(at[1]);
		put(word, &letter, 1);
		return 2;
	}
	put(word, at, 1);
	return 1;
}

const char *cli_unit_word(const struct cli_unit *unit, const char **at)
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
	return word.text;
}
