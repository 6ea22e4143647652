/* SPDX-License-Identifier: MIT
 * pthread_testcancel, which a program without threads need not have. */
#include "shim/cancel.h"

#include <pthread.h>

#include "shim/floor.h"

#ifdef FLOOR_VERSION
extern __typeof__(pthread_testcancel) testcancel_at_floor __attribute__((weak));
__asm__(".symver testcancel_at_floor, pthread_testcancel@" FLOOR_VERSION);
#else
extern __typeof__(pthread_testcancel) pthread_testcancel __attribute__((weak));
#define testcancel_at_floor pthread_testcancel
#endif

void cancel_point(void)
{
	if (testcancel_at_floor)
		testcancel_at_floor();
}
