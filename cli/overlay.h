/* SPDX-License-Identifier: MIT
 * The text of LOCKSHIM_SET, with what -o adds to it. */
#ifndef CLI_OVERLAY_H
#define CLI_OVERLAY_H

#include "cli/cli.h"

/* EXISTING (may be NULL) and each of ADDED, joined by "; ". An item that sets a key again takes the
 * place of what was set before it. NULL where there is no item. EXISTING alone stays as it is. */
const char *cli_overlay_join(const char *existing, const struct cli_texts *added);

#endif
