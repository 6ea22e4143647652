/* SPDX-License-Identifier: MIT
 * A lock taken before our constructor ran is judged by the same policy. */
#include "tests/preload/common.h"
#include "tests/preload/early.h"

static void test_preload_constructor_before_ours_is_converted(void **state)
{
	(void)state;
	assert_int_equal(early.raised, getenv("EARLY_SEMAPHORE") != NULL);
	assert_int_equal(early.result, 0);
	assert_int_equal(early.flags & O_ACCMODE, O_RDWR);
	assert_held(early.path, LOCK_EX);
	assert_int_equal(flock(early.fd, LOCK_UN), 0);
	assert_free(early.path);
	unlink(early.path);
	close(early.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_preload_constructor_before_ours_is_converted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
