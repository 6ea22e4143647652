/* SPDX-License-Identifier: MIT
 * The oldest version that a machine's glibc has. What moved into libc with 2.34 got that as its new
 * one, which would be our floor; under the oldest it is found where it was and where it is. */
#ifndef LOCKSHIM_FLOOR_H
#define LOCKSHIM_FLOOR_H

#include <features.h>

#ifdef __GLIBC__
#if defined(__x86_64__) && defined(__LP64__)
#define FLOOR_VERSION "GLIBC_2.2.5"
#elif defined(__i386__)
#define FLOOR_VERSION "GLIBC_2.0"
#elif defined(__aarch64__)
#define FLOOR_VERSION "GLIBC_2.17"
#elif defined(__arm__)
#define FLOOR_VERSION "GLIBC_2.4"
#endif
#endif

#endif
