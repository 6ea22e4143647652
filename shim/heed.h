/* SPDX-License-Identifier: MIT
 * Who has to know of a close before it is made, in one byte: constant after load. */
#ifndef LOCKSHIM_HEED_H
#define LOCKSHIM_HEED_H

enum heed {
	HEED_POSIX = 1 << 0, /* hazard_posix.h */
	HEED_FLUSH = 1 << 1, /* flush.h */
};

extern unsigned char heed_bits;

static inline unsigned heed(void)
{
	return __atomic_load_n(&heed_bits, __ATOMIC_RELAXED);
}

static inline void heed_from_now(enum heed bit)
{
	(void)__atomic_fetch_or(&heed_bits, (unsigned char)bit, __ATOMIC_RELEASE);
}

#endif
