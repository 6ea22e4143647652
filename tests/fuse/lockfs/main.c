/* SPDX-License-Identifier: MIT
 * lockfs BACKING MOUNTPOINT [-o OPTION,…]: mounts, says `ready`, and serves in the foreground until
 * a signal or umount. One thread, so that what arrives first is done first. README.md. */
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse_lowlevel.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuse/lockfs/control.h"
#include "tests/fuse/lockfs/files.h"
#include "tests/fuse/lockfs/gate.h"
#include "tests/fuse/lockfs/ops.h"

#define OPTION(name, member)                                                                       \
	{                                                                                          \
		name, offsetof(struct ops_options, member), 1                                      \
	}

static const struct fuse_opt options[] = { OPTION("writeback", writeback),
					   OPTION("local_locks", local_locks),
					   OPTION("keep_descriptor_locks", keep_descriptor_locks),
					   OPTION("attr_timeout=%lf", attr_timeout), FUSE_OPT_END };

static void serve(struct fuse_session *session)
{
	struct fuse_buf buf = { .mem = NULL };
	struct pollfd device = { .fd = fuse_session_fd(session), .events = POLLIN };
	int got;

	while (!fuse_session_exited(session)) {
		if (poll(&device, 1, gate_ms_to_next()) > 0) {
			got = fuse_session_receive_buf(session, &buf);
			if (got > 0)
				gate_take(session, &buf);
			else if (got != -EAGAIN && got != -EINTR)
				break;
		}
		gate_pass_due(session);
		control_look();
	}
	free(buf.mem);
}

static int mount_and_serve(struct fuse_args *arguments, const char *mountpoint)
{
	struct fuse_session *session = fuse_session_new(arguments, &ops, sizeof(ops), NULL);

	if (!session)
		return 1;
	if (fuse_set_signal_handlers(session) || fuse_session_mount(session, mountpoint)) {
		fuse_session_destroy(session);
		return 1;
	}
	fcntl(fuse_session_fd(session), F_SETFL, O_NONBLOCK);
	serve(session);
	fuse_session_unmount(session);
	fuse_remove_signal_handlers(session);
	fuse_session_destroy(session);
	return 0;
}

int main(int argc, char **argv)
{
	struct fuse_args arguments = FUSE_ARGS_INIT(0, NULL);
	int error, status;

	if (argc < 3 || (error = files_load(argv[1]))) {
		fprintf(stderr, "lockfs: %s\n",
			argc < 3 ? "BACKING MOUNTPOINT [-o OPTION,…]" : strerror(-error));
		return 2;
	}
	fuse_opt_add_arg(&arguments, argv[0]);
	fuse_opt_add_arg(&arguments, "-ofsname=lockfs,subtype=lockfs");
	for (int i = 3; i < argc; i++)
		fuse_opt_add_arg(&arguments, argv[i]);
	if (fuse_opt_parse(&arguments, &ops_options, options, NULL))
		return 2;
	status = mount_and_serve(&arguments, argv[2]);
	fuse_opt_free_args(&arguments);
	return status;
}
