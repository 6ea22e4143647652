/* SPDX-License-Identifier: MIT
 * The metadata of a trace (CTF 1.8), word for word what stands in each directory. */
#ifndef LOCKSHIM_TRACE_METADATA_H
#define LOCKSHIM_TRACE_METADATA_H

/* Constant, so that processes need not agree on it. event.h has what the fields mean. */
extern const char trace_metadata[];

#endif
