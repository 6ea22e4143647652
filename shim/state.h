/* SPDX-License-Identifier: MIT
 * What preloaded processes of this host tell each other: one mapped file in state-dir. It may be
 * lost, stale or hostile: it decides diagnosis and who yields, never who holds a lock. */
#ifndef LOCKSHIM_STATE_H
#define LOCKSHIM_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* The file is looked for when it is first needed, in state-dir where the policy has that key, else
 * in the first of these that is there or can be made:
 *   /run/lockshim           only where it is there;
 *   /run/lockshim-0         root's;
 *   /run/user/UID/lockshim  where /run/user/UID is there and UID's;
 *   /tmp/lockshim-UID.
 * Each is a directory, reached by no link in its last part, and made 0700. It is accepted where it
 * is this user's or root's and others can't write it. One of root's that its group may write is
 * shared by that group, and the file in it gets 0660 and the group; else the file is 0600. The file
 * has to be regular, under one name, this user's or root's (or, in a shared directory, anybody's),
 * and written by no others. Otherwise what needs the state is off, which is said once under
 * LOCKSHIM_DEBUG; locks are not.
 *
 * Who may write the file can also cut it short, which kills a process that stores into it at that
 * moment: root, the user, and where an administrator made a shared directory its group. */

/* True where a living process under another policy used the file before; *ret_pid is one of them.
 * Publishes that this one uses it. A few system calls: once a file and process. */
bool state_policy_differs(uint64_t device, uint64_t inode, int *ret_pid);

#endif
