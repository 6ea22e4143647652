/* SPDX-License-Identifier: MIT
 * The keys of the policy language, printed. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

/* One line a key, its fields split by tabs: name, match or action, values, default, summary. */
void cli_keys_print_text(void);
/* The same as an array of objects. */
void cli_keys_print_json(void);

#endif
