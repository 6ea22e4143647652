/* SPDX-License-Identifier: MIT
 * How the library lays out converted locks, by the bytes that no file reaches. A test holds these
 * against the library's own numbers. */
#ifndef CLI_LOCK_TABLE_BYTES_H
#define CLI_LOCK_TABLE_BYTES_H

#include <stdint.h>

#define CLI_KEEPER_PROGRAM "lockshim-keeper"
/* What a keeper holds ends here; the rest the original does, or nobody. */
#define CLI_KEEPER_LAST INT64_C(0x7ffffffffffffffc)
#define CLI_KEEPER_ORDER INT64_C(0x7ffffffffffffffd)
#define CLI_KEEPER_BELL INT64_C(0x7ffffffffffffffe)

/* Where a lock of the program's own that reaches the end ends beside a flock: as a POSIX lock, and
 * as an OFD lock. */
#define CLI_MIXED_END INT64_C(0x7fffffffffffffef)
#define CLI_RANGE_END INT64_C(0x3fffffffffffffff)

/* Record locks beside a flock of the same description: for reading and for writing. What a flock
 * without them has behind it begins before CLI_BOOK_BEHIND. */
#define CLI_BOOK_READS INT64_C(0x4000000000000020)
#define CLI_BOOK_WRITES INT64_C(0x6000000000000020)
#define CLI_BOOK_END INT64_C(0x7fffffffffffffef)
#define CLI_BOOK_BEHIND INT64_C(0x7ffffffffffffff1)
#define CLI_BOOK_REST INT64_C(0x1fffffffffffffc0)

/* The byte that a shared lock on its way to an exclusive one leaves out. */
#define CLI_GAP_FIRST INT64_C(0x7ffffffffffffc15)
#define CLI_GAP_LAST INT64_C(0x7ffffffffffffff9)

#endif
