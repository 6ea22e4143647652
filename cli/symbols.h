/* SPDX-License-Identifier: MIT
 * Function names for places in executables and libraries, where this build has libdw and the files
 * are still there. Reads files on this host alone: asks no debuginfod. */
#ifndef CLI_SYMBOLS_H
#define CLI_SYMBOLS_H

#include <stdint.h>

/* "php!zif_flock+0x1a" for the return address at OFFSET (as addr2line wants it) of MODULE, a path
 * that has one address; else "php+0x1234". Text that stays. */
const char *cli_symbols_name(const char *module, uint64_t offset);

#endif
