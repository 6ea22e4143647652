/* SPDX-License-Identifier: MIT
 * Asks the kernel itself which families exclude which in a directory: on a scratch file there that
 * is gone at the end, by system calls that no preloaded library sees. */
#ifndef CLI_DOCTOR_TRY_H
#define CLI_DOCTOR_TRY_H

#include <stdbool.h>

enum cli_try_family { CLI_TRY_FLOCK, CLI_TRY_POSIX, CLI_TRY_OFD, CLI_TRY_FAMILIES };

extern const char *const cli_try_names[CLI_TRY_FAMILIES];

enum cli_try_answer { CLI_TRY_BOTH_GRANTED, CLI_TRY_EXCLUDED, CLI_TRY_REFUSED, CLI_TRY_HANGS };

struct cli_tried {
	bool done; /* else trouble says why not */
	const char *trouble;
	enum cli_try_answer answers[CLI_TRY_FAMILIES][CLI_TRY_FAMILIES]; /* holder, who asks */
	int errors[CLI_TRY_FAMILIES][CLI_TRY_FAMILIES];                  /* of REFUSED */
};

/* A lock call that does not come back within ten seconds counts as one that hangs. */
void cli_try(const char *directory, struct cli_tried *ret);

const char *cli_try_text(const struct cli_tried *tried, enum cli_try_family holder,
			 enum cli_try_family asks);

#endif
