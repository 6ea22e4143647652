/* SPDX-License-Identifier: MIT
 * LOCK_EX on a description opened read-only, LOCK_SH on one opened write-only: no record lock can
 * be held through it, so a small process of ours holds one through a description of its own, for
 * exactly as long as the original lives and nobody lets go. keeper_bytes.h has how they agree. */
#ifndef LOCKSHIM_KEEPER_H
#define LOCKSHIM_KEEPER_H

#include <stdbool.h>

struct keeper_request {
	int fd;
	short type; /* F_WRLCK where FD is read-only, F_RDLCK where it is write-only */
	bool blocking;
	bool atomic; /* a shared lock held through FD stays until the exclusive one is granted */
};

/* The path of the keeper's program; the text has to stay. Never called: there is none. */
void keeper_use(const char *program);

/* NOTE_KEPT once it holds; -EWOULDBLOCK; -EINTR as flock would answer it; -EDEADLK where a POSIX
 * lock of this process itself stands in the way; -EBADF where this process may not open the file so
 * or cannot start a keeper, which is said once. FD is known to be a regular file. Opens no
 * descriptor in this process; starts no child that its wait() could see. */
int keeper_acquire(const struct keeper_request *request);

/* What kind of keeper a refused request for TYPE met, as far as the kernel names it. One system
 * call; two where the first byte is read as by one that leaves, whose original's lock was made
 * shared. */
enum keeper_sight { KEEPER_NONE, KEEPER_EXCLUSIVE, KEEPER_SHARED, KEEPER_LEAVING };
enum keeper_sight keeper_look(int fd, short type);

/* True where it holds for FD's own description. */
bool keeper_is_ours(int fd, enum keeper_sight sight);

/* False where FD is open for reading and writing: nobody needed a keeper then. */
bool keeper_may_hold(int fd);

/* A keeper that was called and is on its way out still refuses: waits until it is gone. False where
 * there is none such. */
bool keeper_waited_out(int fd, short type, enum keeper_sight sight);

/* For who waits and keeps a shared lock meanwhile: a keeper may wait for that one's last byte. */
void keeper_let_leave(int fd);

/* Ours from exclusive to shared, held by FD itself from then on; lets nobody in between. 0 or
 * -EWOULDBLOCK, -EINTR. */
int keeper_downgrade(int fd, bool blocking);

/* Lets go of what ours holds, and waits until it is gone. Nothing where there is none. */
void keeper_release(int fd);

#endif
