/* SPDX-License-Identifier: MIT
 * What the policy of a process that holds a lock makes of its calls. */
#ifndef CLI_LOCK_TABLE_POLICY_H
#define CLI_LOCK_TABLE_POLICY_H

#include "cli/lock_table.h"

/* Fills in whether the library is in PROCESS, and its policy. */
void cli_lock_table_policy(struct cli_lock_process *process);

/* What one of ROW's holders may have asked for: bits 1 << enum cli_lock_family of those that its
 * policy makes an OFD lock, or a POSIX lock. The library in it and no policy to be seen: all that
 * a policy can. 0: the library is in none of them. */
struct cli_lock_origins {
	unsigned ofd, posix;
};
struct cli_lock_origins cli_lock_table_origins(const struct cli_lock_row *row);

#endif
