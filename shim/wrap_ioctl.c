/* SPDX-License-Identifier: MIT
 * ioctl(2), for FIOCLEX and FIONCLEX: a stand-in has the close-on-exec of what it stands in for. */
#include <stdarg.h>

#include "shim/next.h"
#include "shim/standin.h"
#include "shim/wrap.h"

static __attribute__((noinline)) int flag_through(int (*next_ioctl)(int, IOCTL_REQUEST, ...),
						  int fd, IOCTL_REQUEST request, void *argument)
{
	int result;

	standin_copying(fd, request == FIOCLEX);
	result = next_ioctl(fd, request, argument);
	standin_flagged(fd);
	return result;
}

static int ioctl_through(int (*const *slot)(int, IOCTL_REQUEST, ...), int fd, IOCTL_REQUEST request,
			 void *argument)
{
	int (*next_ioctl)(int, IOCTL_REQUEST, ...) = __atomic_load_n(slot, __ATOMIC_RELAXED);

	if (standin_watching() && (request == FIOCLEX || request == FIONCLEX))
		return flag_through(next_ioctl, fd, request, argument);
	return next_ioctl(fd, request, argument);
}

/* Overrides libc's ioctl; answers as the next ioctl does. */
EXPORT int ioctl(int fd, IOCTL_REQUEST request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return ioctl_through(&next.ioctl, fd, request, argument);
}

#ifdef LOCKSHIM_FCNTL_TIME64
/* The same for 32-bit programs built with 64-bit time (glibc 2.34 and later). */
EXPORT int __ioctl_time64(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return ioctl_through(&next.ioctl_time64, fd, request, argument);
}
#endif
