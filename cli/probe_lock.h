/* SPDX-License-Identifier: MIT
 * Lock calls as the kernel gets them: system calls, so that no preloaded library is asked. */
#ifndef CLI_PROBE_LOCK_H
#define CLI_PROBE_LOCK_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum probe_family {
	PROBE_FLOCK,
	PROBE_FCNTL,
	PROBE_LOCKF,
	PROBE_OFD,
	PROBE_FAMILIES,
};

enum probe_mode { PROBE_SH, PROBE_EX, PROBE_UN };

#define PROBE_BIT(family) (1u << (family))
#define PROBE_ALL ((1u << PROBE_FAMILIES) - 1)
#define PROBE_RECORDS (PROBE_ALL & ~PROBE_BIT(PROBE_FLOCK))

extern const char *const probe_family_names[PROBE_FAMILIES];
/* "SH", "EX" */
extern const char *const probe_mode_names[PROBE_UN];

/* PROBE_FAMILIES where there is none of that name. */
enum probe_family probe_family_find(const char *name, size_t len);
/* lockf has no shared lock. */
bool probe_family_has(enum probe_family family, enum probe_mode mode);

struct probe_request {
	enum probe_family family;
	enum probe_mode mode;
	bool wait;
	int64_t start, length; /* flock has none; length 0: to the end, negative: before start */
};

/* 0 or an errno. */
int probe_lock(int fd, const struct probe_request *request);

/* F_GETLK for an exclusive lock; flock has none and asks with fcntl's. 0 or an errno. */
int probe_get_lock(int fd, const struct probe_request *request, struct flock *ret);

#endif
