/* SPDX-License-Identifier: MIT
 * What a tracer made of LTTng's parts would be: the next flock, and a tracepoint a call. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/file.h>

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng_tracepoint.h"

static __typeof__(flock) *next_flock;

__attribute__((constructor)) static void look_up(void)
{
	*(void **)&next_flock = dlsym(RTLD_NEXT, "flock");
}

__attribute__((visibility("default"))) int flock(int fd, int operation)
{
	int result = next_flock(fd, operation), saved = errno;

	lttng_ust_tracepoint(lockshim_bench, flock, fd, operation, result ? saved : 0);
	errno = saved;
	return result;
}
