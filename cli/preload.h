/* SPDX-License-Identifier: MIT
 * The text of LD_PRELOAD. */
#ifndef CLI_PRELOAD_H
#define CLI_PRELOAD_H

#include <stdbool.h>

/* EXISTING (may be NULL) with LIBRARY before it. Where LIBRARY stands in it already it stays as it
 * is: who needs another object first, as a sanitizer's, can say so. Other copies of liblockshim.so
 * are taken out, what others put there is kept in order. */
const char *cli_preload_extend(const char *existing, const char *library);

/* False where PATH holds what separates objects in LD_PRELOAD. */
bool cli_preload_can_hold(const char *path);

#endif
