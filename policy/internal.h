/* SPDX-License-Identifier: MIT
 * What the files of policy/ share among themselves; nobody else includes this. */
#ifndef LOCKSHIM_POLICY_INTERNAL_H
#define LOCKSHIM_POLICY_INTERNAL_H

#include "policy/policy.h"

#define POLICY_HASH_START 0xcbf29ce484222325u

/* FNV-1a, 64 bits, continued from HASH. */
uint64_t policy_hash(uint64_t hash, const char *text, size_t len);

/* arena.c: pieces of the caller's memory, asked for in chunks so that a small policy takes one. */
struct policy_arena {
	const struct policy_memory *memory;
	char *at, *end;
	size_t chunk; /* size of the next chunk */
};

/* Zeroed, aligned for any object; NULL when there is none. */
void *policy_arena_get(struct policy_arena *arena, size_t size);
/* A terminated copy of LEN bytes, or NULL. */
char *policy_arena_copy(struct policy_arena *arena, const char *text, size_t len);
/* A new array of the COUNT texts and a copy of one more, or NULL. */
const char **policy_arena_append(struct policy_arena *arena, const char *const *texts, size_t count,
				 const char *text, size_t len);

/* table.c: a map from names to pointers that remembers the order of insertion. */
struct policy_entry {
	struct policy_entry *next, *later; /* in the bucket; in the order of insertion */
	uint64_t hash;
	const char *name;
	void *value;
	size_t number; /* place in the order of insertion, from 0 */
};

struct policy_table {
	struct policy_entry **buckets, *first, *last;
	size_t size, count;
};

struct policy_entry *policy_table_find(const struct policy_table *table, const char *name);
/* NAME must stay and be new. Returns the entry, or NULL without memory. */
struct policy_entry *policy_table_add(struct policy_table *table, struct policy_arena *arena,
				      const char *name, void *value);

/* error.c: errors without stdio. */
struct policy_place {
	const char *file;
	unsigned line, column;
};

/* Fills *err (where there is one) and returns CODE. FORMAT knows %s, %u (unsigned) and %w (const
 * char *, size_t): a word of the file, cut when long. Control characters come out as "?". */
int policy_fail(struct policy_error *err, const struct policy_place *place, int code,
		const char *format, ...);
int policy_fail_memory(struct policy_error *err, const struct policy_place *place);

/* suggest.c: the nearest of the words offered, for "did you mean". */
struct policy_suggestion {
	const char *word;
	size_t len;
	const char *best; /* NULL: none is near */
	unsigned distance;
};

void policy_suggest(struct policy_suggestion *suggestion, const char *candidate);

/* A word of a file, with its place. */
struct policy_word {
	char *text; /* terminated only where said so */
	size_t len;
	struct policy_place place;
};

/* The number of an errno's name, or 0. */
int policy_errno_number(const char *name, size_t len);
void policy_errno_suggest(struct policy_suggestion *suggestion);

#define POLICY_SIZE_UNIT 1024
#define POLICY_TRACE_SIZE_INITIAL (256 << 10) /* 256M */

/* actions.c */
/* Defaults, nothing set. */
void policy_actions_init(struct policy_actions *actions);
/* True where one of POLICY_CALL_ACTIONS differs. */
bool policy_calls_differ(const struct policy_actions *one, const struct policy_actions *other);

/* Two actions that can't stand together, and what to write instead. The place of the first is
 * told. */
struct policy_contradiction {
	enum policy_action blamed;
	int blamed_value;
	enum policy_action other;
	int other_value;
	const char *text;
};
const struct policy_contradiction *policy_contradiction_in(const struct policy_actions *actions);

/* keys.c: says that WORD is no key, and which one was meant. */
int policy_key_unknown(const struct policy_word *word, struct policy_error *err);
/* values.c: reads an action's value. A text is checked only: its number is the caller's to give. */
int policy_value_read(const struct policy_key *key, const struct policy_word *word, int *ret,
		      struct policy_error *err);

/* line.c: pieces of a line. */
static inline bool policy_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts blanks off both ends and moves the column along. */
void policy_word_trim(struct policy_word *word);
/* Cuts LINE at its first "=" into key and value, both trimmed. Neither is empty on return. */
int policy_word_assignment(const struct policy_word *line, struct policy_word *ret_key,
			   struct policy_word *ret_value, struct policy_error *err);

/* glob.c */
/* Bytes before the first character that does not stand for itself. */
size_t policy_glob_literal(const char *pattern);
bool policy_glob_has_wildcard(const char *pattern, size_t len);
/* What is wrong with a pattern, as it follows its quoted text, or NULL. */
const char *policy_glob_fault(const char *pattern);
/* Takes the backslashes off a pattern without wildcards, in place. */
void policy_glob_unescape(char *pattern);

/* source.c, include.c, parse.c: one reading. */
struct policy_source {
	struct policy_source *parent;
	const char *name;
	char *at, *end;
	unsigned line, depth;
	bool opened; /* a file, with device and inode */
	uint64_t device, inode;
	/* What the include in this line still has to open. */
	const char **pending;
	size_t pending_count;
	unsigned pending_column;
};

struct policy_reader {
	struct policy_arena arena;
	struct policy *policy;
	const struct policy_trust *trust;
	struct policy_error *err;
	struct policy_source *top;
	struct policy_rule *rule; /* the one that keys go to, or NULL */
	unsigned action_column[POLICY_ACTION_COUNT];
	struct policy_table rules, filesystems, texts;
	char *entries; /* room for getdents */
};

/* Opens, checks and reads NAME and puts it on top. With a file on top NAME is its include, and
 * errors are placed at the include. */
int policy_source_open(struct policy_reader *reader, const char *name);
/* The same from text in memory, which is copied. */
int policy_source_text(struct policy_reader *reader, const char *name, const char *text,
		       size_t len);
/* Finds what an include's value (terminated) names, for policy_source_open(). */
int policy_source_include(struct policy_reader *reader, const struct policy_word *value);

/* Reads all that is on top, line by line, with what it includes. */
int policy_parse_lines(struct policy_reader *reader);

/* list.c: splits VALUE in place into *ret and checks each item as the key's kind asks. */
int policy_list_read(struct policy_reader *reader, const struct policy_key *key,
		     const struct policy_word *value, struct policy_list *ret);

/* cover.c: what one rule certainly takes of what another would take. */
bool policy_cover_is_glob(enum policy_kind kind);
enum policy_kind policy_cover_kind(int match);
/* The first item that is no exclude, or NULL. */
const struct policy_item *policy_cover_first(const struct policy_list *list);
/* True where one of the excludes, or of the others, takes whatever TEXT takes. */
bool policy_cover_some(enum policy_kind kind, const struct policy_list *list, bool exclude,
		       const char *text);
bool policy_cover_rule(const struct policy_rule *earlier, const struct policy_rule *later);

/* reach.c: 0, or the error of the first rule that can never be reached. */
int policy_reach_check(const struct policy *policy, struct policy_arena *arena,
		       struct policy_error *err);

/* mounts.c: true where another mount of TEXT, at the same point, lies on MOUNT. */
bool policy_mount_is_covered(const struct policy_mount *mount, const char *text, size_t len);

/* Text with \ooo escapes, as mountinfo and the export lists have it. */
struct policy_cursor {
	const char *at, *end;
};

/* The byte at the cursor, which is not at its end; steps over it. */
char policy_unescape(struct policy_cursor *from);

#endif
