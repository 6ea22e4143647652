/* SPDX-License-Identifier: MIT
 * The sections of a file that one owner holds, as a list: what is held now, what is to be held, and
 * the way from one to the other. */
#ifndef LOCKSHIM_PIECES_H
#define LOCKSHIM_PIECES_H

#include <stdbool.h>

#include "shim/mixed.h"

static inline bool range_overlaps(const struct mixed_range *a, const struct mixed_range *b)
{
	return a->start <= b->end && b->start <= a->end;
}

/* The bytes of both, of A's type; where they don't overlap it ends before it begins. */
static inline struct mixed_range range_common(const struct mixed_range *a,
					      const struct mixed_range *b)
{
	return (struct mixed_range){
		.start = a->start > b->start ? a->start : b->start,
		.end = a->end < b->end ? a->end : b->end,
		.type = a->type,
	};
}

/* In ascending order, apart from one another or of different types. */
#define PIECES_MAX 1000
struct pieces {
	unsigned count;
	struct mixed_range at[PIECES_MAX];
};

/* The OFD locks of FD's description, from the kernel. False where it can't be told: no /proc, or
 * more of them than fit. */
bool pieces_read(struct pieces *ret, int fd);

/* What is there, not the room behind it. */
void pieces_copy(struct pieces *to, const struct pieces *from);

/* True where both numbers are of one description; where the kernel can't tell, where both hold the
 * same. */
bool pieces_are_of_one(int fd, const struct pieces *held, int other, const struct pieces *others);

/* F_RDLCK, F_WRLCK or F_UNLCK at one byte. */
short pieces_type_at(const struct pieces *pieces, int64_t byte);

/* True where one of them would refuse another owner RANGE. */
bool pieces_against(const struct pieces *pieces, const struct mixed_range *range);

/* Makes RANGE be of its type, F_UNLCK included, whatever it was. False where there is no room. */
bool pieces_put(struct pieces *pieces, struct mixed_range range);

/* From one list to the other, by FD's OFD locks. Up: what becomes stronger, first; 0, or -errno
 * with the section that was refused in *ret_refused and all as it was before. Down: what becomes
 * weaker or is let go, which nothing can refuse. */
int pieces_up(int fd, const struct pieces *from, const struct pieces *to,
	      struct mixed_range *ret_refused);
void pieces_down(int fd, const struct pieces *from, const struct pieces *to);

#endif
