/* SPDX-License-Identifier: MIT
 * What is read once at load and then constant: environment, policy, this process. */
#ifndef LOCKSHIM_START_H
#define LOCKSHIM_START_H

#include <stdbool.h>

#include "policy/policy.h"

struct shim_state {
	const struct policy *policy;
	bool active;        /* false: no rule nor LOCKSHIM_SET converts anything in any process, and
			       nothing is done around calls in this one */
	bool passes_all;    /* nothing is converted in this process, whatever the file */
	bool asks_file;     /* a lock call in this process asks for the file */
	bool asks_path;     /* and on its path */
	bool asks_records;  /* fcntl, lockf or OFD calls become something else in this process */
	bool flushes;       /* on-unlock or on-lock say something of some file in this process */
	uint32_t any_match; /* the match keys of all rules, also of those for other processes */
	/* The verdict where no rule of this process asks for the file. */
	const struct policy_actions *constant;
	struct policy_actions around_most; /* the most that on-unlock and the others say anywhere */
};

/* Published once; NULL before. */
extern const struct shim_state *shim_started;

/* Builds and publishes the state. From any thread, before or in our constructor, in a signal
 * handler: whoever comes at the same time builds one too, and the first to finish wins. */
const struct shim_state *shim_start(void);

/* Whether some file in this process can get SUCH actions. */
bool shim_may_choose(const struct policy *policy,
		     bool (*such)(const struct policy_actions *actions));

static inline const struct shim_state *shim_state(void)
{
	const struct shim_state *state = __atomic_load_n(&shim_started, __ATOMIC_ACQUIRE);

	return state ? state : shim_start();
}

#endif
