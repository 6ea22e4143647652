/* SPDX-License-Identifier: MIT
 * The hash under which a preloaded process named itself in the state file. The layout is the
 * library's: test_cli_ps_state_layout holds the numbers here against it. */
#ifndef CLI_CONVERTED_STATE_H
#define CLI_CONVERTED_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/converted_proc.h"

/* In 32-bit words, of the machine's order. */
enum cli_state_layout {
	CLI_STATE_MAGIC_0 = 0x6b636f6c,
	CLI_STATE_MAGIC_1 = 0x6d696873,
	CLI_STATE_VERSION = 1,
	CLI_STATE_SIZE = 569408,   /* bytes of the file */
	CLI_STATE_PROCESSES = 512, /* records of processes */
	CLI_STATE_FIRST = 16,      /* where the first of them is */
	CLI_STATE_WORDS = 10,      /* of each: owner, sequence, then these */
	CLI_STATE_STARTED = 2,
	CLI_STATE_SPACE = 4,
	CLI_STATE_HASH = 6,
};

/* True where the state file that the process has mapped, MAPPING, is one and names it. What is read
 * there is believed only as far as /proc confirms it. */
bool cli_state_hash(const struct cli_proc *proc, const struct cli_proc_mapping *mapping,
		    uint64_t *ret_hash);

#endif
