/* SPDX-License-Identifier: MIT
 * A few places, each a descriptor's number. */
#include "shim/range_wait.h"

#include "shim/fd_list.h"
#include "shim/heir.h"

#define PLACES 64
static int places[PLACES]; /* from 1; place 0 stands for none */
static unsigned taken;

int range_wait_home(int fd)
{
	unsigned place;
	int by;

	if (!__atomic_load_n(&taken, __ATOMIC_ACQUIRE))
		return fd;
	for (place = 1; place < PLACES; place++) {
		by = __atomic_load_n(&places[place], __ATOMIC_RELAXED) - 1;
		if (by >= 0 && by != fd && !heir_is(by) && fd_is_same_file(fd, by))
			return by;
	}
	return fd;
}

unsigned range_wait_begin(int fd)
{
	unsigned place;
	int none;

	for (place = 1; place < PLACES; place++) {
		none = 0;
		if (__atomic_compare_exchange_n(&places[place], &none, fd + 1, 0, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED)) {
			__atomic_fetch_add(&taken, 1, __ATOMIC_RELEASE);
			return place;
		}
	}
	return 0;
}

void range_wait_end(unsigned place)
{
	if (!place)
		return;
	__atomic_store_n(&places[place], 0, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&taken, 1, __ATOMIC_RELEASE);
}
