/* SPDX-License-Identifier: MIT
 * What a policy would make of the calls that were probed, and of which pairs exclude each other. */
#ifndef CLI_PROBE_POLICY_H
#define CLI_PROBE_POLICY_H

#include "cli/calls.h"
#include "cli/load.h"
#include "cli/probe_results.h"

/* Who is under the policy. */
enum probe_under {
	PROBE_UNDER_NOBODY,
	PROBE_UNDER_BOTH,
	PROBE_UNDER_HOLDER,
	PROBE_UNDER_ASKER,
	PROBE_UNDERS,
};

/* "nobody", "both", "holder", "asker" */
extern const char *const probe_under_names[PROBE_UNDERS];

struct probe_policy {
	const char *file;    /* of the policy */
	const char *rule;    /* that decides, as FILE:LINE, or NULL */
	const char *overlay; /* LOCKSHIM_SET and -o, or NULL */
	bool missing;        /* there is no such file, and nobody asked for it */
	struct cli_verdict verdict;
};

/* CLI_OK, or an exit status once it is said what is wrong. It is decided for a new file in
 * DIRECTORY. */
int probe_policy_load(const struct cli_arguments *arguments, const char *directory,
		      struct probe_policy *ret);

/* The families that calls of FAMILIES become, as PROBE_BIT()s. */
unsigned probe_policy_families(const struct probe_policy *policy, unsigned families);

/* What the call of that family and mode becomes. */
const char *probe_policy_becomes(const struct probe_policy *policy, struct probe_side side);

/* What ASKED would be answered while another process has HELD, by the pairs that were measured.
 * Places in probe_sides. */
const char *probe_policy_answer(const struct probe_policy *policy,
				const struct probe_results *results, enum probe_under under,
				size_t held, size_t asked);

#endif
