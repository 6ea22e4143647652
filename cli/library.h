/* SPDX-License-Identifier: MIT
 * Which liblockshim.so to preload. */
#ifndef CLI_LIBRARY_H
#define CLI_LIBRARY_H

#include <stdbool.h>

struct cli_library {
	const char *preload; /* as it stands in LD_PRELOAD */
	const char
		*file; /* the object; NULL where only the loader can know: a $LIB of the user's */
	bool for_any;  /* by $LIB: each word size finds its own build */
};

/* ASKED (may be NULL), else the object that was built or installed with this command, else the
 * installed one. CLI_OK, or CLI_WRONG once it is said what is missing. */
int cli_library_find(const char *asked, struct cli_library *ret);

#endif
