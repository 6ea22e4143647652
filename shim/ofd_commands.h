/* SPDX-License-Identifier: MIT
 * The commands of OFD locks, where libc's headers are older than the kernel's 3.15. */
#ifndef LOCKSHIM_OFD_COMMANDS_H
#define LOCKSHIM_OFD_COMMANDS_H

#include <fcntl.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

#endif
