/* SPDX-License-Identifier: MIT
 * outside FILE: linked statically, so that no preload reaches it. What a second description of FILE
 * is refused: 0 nothing, 1 flock, 2 an OFD lock, 3 both. */
#include <fcntl.h>
#include <sys/file.h>

#include "tests/support/outsider.h"

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return 103;
	return (outsider_call(fd, BY_FLOCK, LOCK_EX, false) != 0) |
	       (outsider_call(fd, BY_OFD, LOCK_EX, false) != 0) << 1;
}
