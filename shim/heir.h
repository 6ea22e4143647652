/* SPDX-License-Identifier: MIT
 * Descriptors whose open file description another process may have too: an OFD lock asked through
 * one would keep that process in, not out. */
#ifndef LOCKSHIM_HEIR_H
#define LOCKSHIM_HEIR_H

#include <stdbool.h>

/* From here on what is open, and in a forked child what it inherits, is known as such. MIXES: flock
 * becomes OFD locks, too; from a fork on either process reckons with both on one description. Once
 * is enough. */
void heir_start(bool mixes);

/* True where FD's description came from another process, or may have: it was open when this one
 * began or was forked. Not seen: one sent by SCM_RIGHTS, and a dup by a raw call. */
bool heir_is(int fd);

/* Nobody else has FD's description any more: from here on it is this process's own. */
void heir_adopt(int fd);

/* Whose an OFD lock is that came with FD's description. OURS: no other process has that but our
 * children. NOBODYS: others have it, but none that this process descends from, and it was opened
 * since this program began: who locked is gone. THEIRS: all else. Looks through /proc; slow. */
enum heir_lock { HEIR_OURS, HEIR_NOBODYS, HEIR_THEIRS };
enum heir_lock heir_whose(int fd);

/* True where another process has FD's description, and be it our child; where that can't be told,
 * where we descend from that. */
bool heir_shares(int fd);

#endif
