/* SPDX-License-Identifier: MIT
 * Reads a file to its end into pages that double. */
#include "shim/slurp.h"

#include <string.h>

#include "shim/own_fd.h"

#define SLURP_FIRST (64u << 10)
#define SLURP_MOST (64u << 20)

static int slurp_grow(struct slurp *slurp)
{
	size_t room = slurp->room ? slurp->room * 2 : SLURP_FIRST;
	char *text = room > SLURP_MOST ? NULL : sys_pages(room);

	if (!text)
		return -ENOMEM;
	if (slurp->text) {
		memcpy(text, slurp->text, slurp->len);
		sys_pages_free(slurp->text, slurp->room);
	}
	slurp->text = text;
	slurp->room = room;
	return 0;
}

static int slurp_fd(struct slurp *slurp, int fd)
{
	long got;
	int error;

	for (;;) {
		if (slurp->len + 1 >= slurp->room) {
			error = slurp_grow(slurp);
			if (error)
				return error;
		}
		got = sys_read(fd, slurp->text + slurp->len, slurp->room - slurp->len - 1);
		if (got == 0)
			return 0;
		if (got < 0 && got != -EINTR)
			return (int)got;
		slurp->len += got > 0 ? (size_t)got : 0;
	}
}

int slurp_file(struct slurp *ret, const char *path)
{
	struct own_fd own;
	int error = own_fd_open(&own, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);

	*ret = (struct slurp){ 0 };
	if (!error)
		error = slurp_fd(ret, own.fd);
	own_fd_close(&own);
	if (error)
		slurp_free(ret);
	return error;
}

void slurp_free(struct slurp *slurp)
{
	if (slurp->text)
		sys_pages_free(slurp->text, slurp->room);
	*slurp = (struct slurp){ 0 };
}
