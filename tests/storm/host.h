/* SPDX-License-Identifier: MIT
 * What the rows do their locking with: libc's own calls, as any program. */
#ifndef LOCKSHIM_TESTS_STORM_HOST_H
#define LOCKSHIM_TESTS_STORM_HOST_H

#include <sys/file.h>
#include <sys/types.h>

#include "tests/storm/storm.h"

#define SELF "/proc/self/exe"

/* A descriptor of a new description, O_CLOEXEC, or -1, which is a fault. */
int host_open(struct actor *actor, enum storm_file file, int flags);

/* flock until it is answered. EINTR is asked again where the actor may meet it, else a fault; false
 * where it was refused. */
bool host_take(struct actor *actor, int fd, int operation);
/* LOCK_UN, now and then with LOCK_NB. */
void host_let_go(struct actor *actor, int fd);
/* LOCK_EX, a turn, LOCK_UN. */
void host_turn(struct actor *actor, int fd, enum storm_file file);
/* The same on a description of its own, closed after it; now and then the close lets go. */
void host_fresh_turn(struct actor *actor, enum storm_file file);

/* A fault where the kernel still knows a lock of this description: it was let go. */
void host_must_be_free(struct actor *actor, int fd);

/* Waits for a child that has to end with status 0. */
void host_join_child(struct actor *actor, pid_t pid);

/* Runs `body` in `count` threads besides this one, each with an actor of the same row; and waits
 * for them. */
struct host_threads;
struct host_threads *host_start_threads(struct actor *actor, int count,
					void (*body)(struct actor *actor));
void host_join_threads(struct actor *actor, struct host_threads *threads);

#endif
