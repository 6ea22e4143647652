/* SPDX-License-Identifier: MIT
 * Lines to rules. Stops at the first error, in the order of the text. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

/* What can be said about a rule only when all of it was read. */
static int close_rule(struct policy_reader *reader)
{
	struct policy_rule *rule = reader->rule;
	const struct policy_contradiction *wrong;
	struct policy_place place;

	reader->rule = NULL;
	wrong = rule ? policy_contradiction_in(&rule->actions) : NULL;
	if (!wrong)
		return 0;
	place = (struct policy_place){ rule->file, rule->action_line[wrong->blamed],
				       reader->action_column[wrong->blamed] };
	return policy_fail(reader->err, &place, -EINVAL, "%s", wrong->text);
}

static int open_rule(struct policy_reader *reader, const struct policy_word *name, unsigned column)
{
	const struct policy_entry *first = policy_table_find(&reader->rules, name->text);
	struct policy_rule *rule;

	if (first) {
		rule = first->value;
		return policy_fail(reader->err, &name->place, -EINVAL,
				   "a second rule \"%s\"; the first is at %s:%u, rename one",
				   name->text, rule->file, rule->line);
	}
	rule = policy_arena_get(&reader->arena, sizeof(*rule));
	if (!rule || !policy_table_add(&reader->rules, &reader->arena, name->text, rule))
		return policy_fail_memory(reader->err, &name->place);
	rule->name = name->text;
	rule->file = name->place.file;
	rule->line = name->place.line;
	rule->column = column;
	policy_actions_init(&rule->actions);
	reader->rule = rule;
	return 0;
}

static int check_name(const struct policy_reader *reader, const struct policy_word *name)
{
	struct policy_place place = name->place;

	if (!name->len)
		return policy_fail(reader->err, &place, -EINVAL,
				   "a rule without a name; write [rule NAME]");
	for (size_t i = 0; i < name->len; i++, place.column++)
		if (!is_name_char(name->text[i]))
			return policy_fail(reader->err, &place, -EINVAL,
					   "\"%w\" has no place in a rule's name; use letters, "
					   "digits, \".\", \"_\" and \"-\"",
					   name->text + i, (size_t)1);
	if (name->len > POLICY_NAME_MAX)
		return policy_fail(reader->err, &name->place, -EINVAL,
				   "a rule's name of %u bytes; use at most 64",
				   (unsigned)name->len);
	return 0;
}

static int unknown_section(const struct policy_reader *reader, const struct policy_word *word)
{
	struct policy_suggestion near = { .word = word->text, .len = word->len };

	policy_suggest(&near, "rule");
	return policy_fail(
		reader->err, &word->place, -EINVAL, "unknown section [%w]%s", word->text, word->len,
		near.best ? ", did you mean [rule NAME]?" : "; a rule begins with [rule NAME]");
}

/* Reads "[rule NAME]". */
static int read_section(struct policy_reader *reader, const struct policy_word *line)
{
	const char *close = memchr(line->text, ']', line->len);
	struct policy_word word = *line, name;
	int result;

	if (!close)
		return policy_fail(reader->err, &line->place, -EINVAL,
				   "no \"]\" in this line; write [rule NAME]");
	if (close + 1 < line->text + line->len) {
		word.place.column += (unsigned)(close + 1 - line->text);
		return policy_fail(reader->err, &word.place, -EINVAL,
				   "nothing may follow \"]\"; move it to a line of its own");
	}
	word.text++;
	word.len -= 2;
	word.place.column++;
	policy_word_trim(&word);
	name = word;
	for (word.len = 0; word.len < name.len && !policy_is_blank(word.text[word.len]);)
		word.len++;
	if (word.len != 4 || memcmp(word.text, "rule", 4))
		return unknown_section(reader, &word);
	name.text += 4;
	name.len -= 4;
	name.place.column += 4;
	policy_word_trim(&name);
	name.text[name.len] = '\0';
	result = check_name(reader, &name);
	return result ? result : open_rule(reader, &name, line->place.column);
}

static int read_match(struct policy_reader *reader, const struct policy_key *key,
		      const struct policy_word *name, const struct policy_word *value)
{
	struct policy_rule *rule = reader->rule;
	struct policy_list *list = &rule->match[key->number];

	if (list->line)
		return policy_fail(reader->err, &name->place, -EINVAL,
				   "a second \"%s\" in the rule; line %u has the first, join them",
				   key->name, list->line);
	rule->match_set |= 1u << key->number;
	return policy_list_read(reader, key, value, list);
}

static int intern_text(struct policy_reader *reader, const struct policy_word *value, int *ret)
{
	struct policy_entry *entry;

	value->text[value->len] = '\0';
	entry = policy_table_find(&reader->texts, value->text);
	if (!entry)
		entry = policy_table_add(&reader->texts, &reader->arena, value->text, NULL);
	if (!entry)
		return policy_fail_memory(reader->err, &value->place);
	*ret = (int)entry->number + 1;
	return 0;
}

static int read_action(struct policy_reader *reader, const struct policy_key *key,
		       const struct policy_word *name, const struct policy_word *value)
{
	struct policy_rule *rule = reader->rule;
	unsigned *line = &rule->action_line[key->number];
	int *number = &rule->actions.value[key->number], result;

	if (*line)
		return policy_fail(reader->err, &name->place, -EINVAL,
				   "a second \"%s\" in the rule; line %u has the first, drop one",
				   key->name, *line);
	*line = name->place.line;
	reader->action_column[key->number] = value->place.column;
	rule->actions.set |= 1u << key->number;
	result = policy_value_read(key, value, number, reader->err);
	if (!result && policy_kind_is_text(key->kind))
		result = intern_text(reader, value, number);
	return result;
}

static int read_include(struct policy_reader *reader, const struct policy_word *value)
{
	int result = close_rule(reader);

	value->text[value->len] = '\0';
	return result ? result : policy_source_include(reader, value);
}

/* Reads "key = value". */
static int read_assignment(struct policy_reader *reader, const struct policy_word *line)
{
	struct policy_word name, value;
	const struct policy_key *key;
	int result = policy_word_assignment(line, &name, &value, reader->err);

	if (result)
		return result;
	if (name.len == 7 && !memcmp(name.text, "include", 7))
		return read_include(reader, &value);
	key = policy_key_find(name.text, name.len);
	if (!key)
		return policy_key_unknown(&name, reader->err);
	if (!reader->rule)
		return policy_fail(reader->err, &name.place, -EINVAL,
				   "key outside a rule; open one with [rule NAME]");
	return key->match ? read_match(reader, key, &name, &value)
			  : read_action(reader, key, &name, &value);
}

/* What no line may have, whatever it says. */
static int check_line(const struct policy_reader *reader, struct policy_word line)
{
	bool long_line = line.len > POLICY_LINE_MAX;
	const char *zero = memchr(line.text, 0, long_line ? POLICY_LINE_MAX : line.len);

	if (zero) {
		line.place.column += (unsigned)(zero - line.text);
		return policy_fail(reader->err, &line.place, -EINVAL,
				   "a NUL byte; policy files are text");
	}
	if (long_line) {
		line.place.column += POLICY_LINE_MAX;
		return policy_fail(reader->err, &line.place, -EINVAL,
				   "a line over 4096 bytes; split it into several rules");
	}
	return 0;
}

static int read_line(struct policy_reader *reader)
{
	struct policy_source *top = reader->top;
	char *newline = memchr(top->at, '\n', (size_t)(top->end - top->at));
	char *end = newline ? newline : top->end;
	struct policy_word line = { top->at, (size_t)(end - top->at), { top->name, 0, 1 } };
	int result;

	line.place.line = ++top->line;
	top->at = newline ? newline + 1 : end;
	result = check_line(reader, line);
	if (result)
		return result;
	if (line.len && line.text[line.len - 1] == '\r')
		line.len--;
	policy_word_trim(&line);
	if (!line.len || *line.text == '#' || *line.text == ';')
		return 0;
	if (*line.text == '[') {
		result = close_rule(reader);
		return result ? result : read_section(reader, &line);
	}
	return read_assignment(reader, &line);
}

/* The next include still to open, else the next line, else the end of a source. */
static int step(struct policy_reader *reader)
{
	struct policy_source *top = reader->top;

	if (top->pending_count) {
		top->pending_count--;
		return policy_source_open(reader, *top->pending++);
	}
	if (top->at < top->end)
		return read_line(reader);
	reader->top = top->parent;
	return close_rule(reader);
}

int policy_parse_lines(struct policy_reader *reader)
{
	int result = 0;

	while (!result && reader->top)
		result = step(reader);
	return result;
}
