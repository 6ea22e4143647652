/* SPDX-License-Identifier: MIT
 * Of a function that has no array of its own on a way that is paid for by each call. */
#ifndef LOCKSHIM_NO_CANARY_H
#define LOCKSHIM_NO_CANARY_H

#if defined(__has_attribute)
#if __has_attribute(no_stack_protector)
#define NO_CANARY __attribute__((no_stack_protector))
#endif
#endif
#ifndef NO_CANARY
#define NO_CANARY
#endif

#endif
