/* SPDX-License-Identifier: MIT
 * Pieces of a line: what files and the overlay have in common. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

void policy_word_trim(struct policy_word *word)
{
	while (word->len && policy_is_blank(word->text[word->len - 1]))
		word->len--;
	while (word->len && policy_is_blank(*word->text)) {
		word->text++;
		word->len--;
		word->place.column++;
	}
}

int policy_word_assignment(const struct policy_word *line, struct policy_word *ret_key,
			   struct policy_word *ret_value, struct policy_error *err)
{
	const char *equals = memchr(line->text, '=', line->len);

	if (!equals)
		return policy_fail(err, &line->place, -EINVAL,
				   "\"%w\" has no \"=\"; write KEY = VALUE", line->text, line->len);
	*ret_key = *ret_value = *line;
	ret_key->len = (size_t)(equals - line->text);
	ret_value->text += ret_key->len + 1;
	ret_value->len -= ret_key->len + 1;
	ret_value->place.column += (unsigned)ret_key->len + 1;
	policy_word_trim(ret_key);
	policy_word_trim(ret_value);
	if (!ret_key->len)
		return policy_fail(err, &line->place, -EINVAL,
				   "no key before \"=\"; write KEY = VALUE");
	if (!ret_value->len)
		return policy_fail(err, &ret_value->place, -EINVAL,
				   "\"%w\" has no value; give one, or drop the key", ret_key->text,
				   ret_key->len);
	return 0;
}
