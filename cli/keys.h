/* SPDX-License-Identifier: MIT
 * The keys of the policy language, printed. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "policy/policy.h"

/* One line a key, its fields split by tabs: name, match or action, values, default, summary. */
void cli_keys_print_text(void);
/* The same as an array of objects. */
void cli_keys_print_json(void);

/* A text's or a size's value as it would be written; TEXT: the text, NULL where it is the default.
 * NULL where the default has no one value. */
const char *cli_keys_value(const struct policy_key *key, int value, const char *text);

#endif
