/* SPDX-License-Identifier: MIT
 * The tracepoint of a flock, as LTTng's headers want it: they include this file again. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER lockshim_bench
#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "lttng_tracepoint.h"

#if !defined(LOCKSHIM_BENCH_LTTNG_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define LOCKSHIM_BENCH_LTTNG_H
#include <lttng/tracepoint.h>

LTTNG_UST_TRACEPOINT_EVENT(
	lockshim_bench, flock, LTTNG_UST_TP_ARGS(int, fd, int, operation, int, error),
	LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(int, fd, fd)
				    lttng_ust_field_integer(int, operation, operation)
					    lttng_ust_field_integer(int, error, error)))
#endif

#include <lttng/tracepoint-event.h>
