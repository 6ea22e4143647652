/* SPDX-License-Identifier: MIT
 * The bytes of a file by which a keeper and the holders of the original description understand each
 * other. The last ones that a lock can cover: no file reaches them, every whole-file lock does. */
#ifndef LOCKSHIM_KEEPER_BYTES_H
#define LOCKSHIM_KEEPER_BYTES_H

/* An exclusive keeper's own description holds [0, KEEPER_END) for writing. The original
 * description, opened read-only, holds the three bytes behind it for reading: its life, and two
 * bells. The keeper waits for the bell. The kernel hands it over when the original's last reference
 * is closed, or when somebody lets go of it: ORDER free too: the lock is to be let go: the keeper
 * leaves; ORDER still held: it is to become a shared one: the keeper holds [0, LIFE) for reading,
 * and leaves when LIFE is free. A shared keeper holds [0, KEEPER_END) for reading; the original,
 * opened write-only, holds a native shared flock, for which the keeper looks every two
 * milliseconds.
 */
#define KEEPER_LIFE 0x7fffffffffffffffll
#define KEEPER_BELL (KEEPER_LIFE - 1)
#define KEEPER_ORDER (KEEPER_LIFE - 2)
#define KEEPER_END KEEPER_ORDER

#endif
