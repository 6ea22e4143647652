/* SPDX-License-Identifier: MIT
 * flock as an OFD lock over the whole file. System calls of our own: libc's fcntl is a cancellation
 * point in F_OFD_SETLKW, flock is none. */
#include <string.h>
#include <sys/file.h>

#include "policy/sys.h"
#include "shim/backend.h"
#include "shim/ofd_commands.h"
#include "shim/own_ofd.h"
#include "shim/proc_fd.h"
#include "shim/say.h"

/* The kernel wants l_pid 0 here; start 0 and length 0 are the whole file, however it grows. */
static int ofd_set(int fd, short type, int command)
{
	struct flock record = { .l_type = type, .l_whence = SEEK_SET };

	return (int)sys_fcntl(fd, command, &record);
}

static void ofd_say(int fd, enum step_aside kind)
{
	struct stat st;

	if (say_debugging() && !sys_fstat(fd, &st))
		say_aside(kind, st.st_dev, st.st_ino, NULL);
}

/* flock's own errnos: EINVAL is a kernel before 3.15, which flock calls ENOLCK. */
static int ofd_answer(int fd, int result)
{
	switch (result) {
	case -EAGAIN:
	case -EACCES:
		return -EWOULDBLOCK;
	case -EBADF:
		ofd_say(fd, ASIDE_OPEN_MODE);
		return result;
	case -EINVAL:
		ofd_say(fd, ASIDE_NO_OFD);
		return -ENOLCK;
	default:
		return result;
	}
}

/* "lock:\t1: OFDLCK  ADVISORY  READ -1 fe:00:42 0 EOF", one such line a lock of this description.
 * True where it can't be told. */
static bool ofd_inherits_shared(int fd)
{
	char text[768];
	long len = proc_fd_info(fd, text, sizeof text);
	const char *line, *shared;

	if (len < 0 || len == (long)sizeof text - 1)
		return true;
	for (line = text; (line = strstr(line, "OFDLCK")); line += strcspn(line, "\n")) {
		shared = strstr(line, " READ ");
		if (shared && shared < line + strcspn(line, "\n"))
			return true;
	}
	return false;
}

/* The text is read through a descriptor, which is not for every round of a polling loop. */
static bool ofd_may_hold_shared(int fd)
{
	switch (note_get(fd)) {
	case NOTE_OFD_SHARED:
		return true;
	case NOTE_NONE:
		if (ofd_inherits_shared(fd))
			return true;
		note_set(fd, NOTE_ASKED);
		return false;
	default:
		return false;
	}
}

/* A refused LOCK_EX lets go of a shared lock that this description holds, as flock does: two
 * holders that both upgrade would wait for each other for ever. Nothing else is let go: whoever
 * shares the description may have been granted LOCK_EX since. */
static void ofd_drop_shared(int fd)
{
	if (ofd_may_hold_shared(fd))
		ofd_set(fd, F_UNLCK, F_OFD_SETLK);
}

/* Asked without waiting first. EX to SH is granted at once and lets nobody in between. */
static int ofd_acquire(const struct lock_request *request, const struct policy_actions *actions)
{
	short type = request->operation == LOCK_EX ? F_WRLCK : F_RDLCK;
	int result = ofd_set(request->fd, type, F_OFD_SETLK);

	(void)actions;
	if (result != -EAGAIN && result != -EACCES)
		return ofd_answer(request->fd, result);
	if (type == F_WRLCK)
		ofd_drop_shared(request->fd);
	if (!request->blocking)
		return -EWOULDBLOCK;
	return ofd_answer(request->fd, ofd_set(request->fd, type, F_OFD_SETLKW));
}

static int ofd_release(const struct lock_request *request)
{
	return ofd_answer(request->fd, ofd_set(request->fd, F_UNLCK, F_OFD_SETLK));
}

static bool by_program;

void ofd_note_program(void)
{
	__atomic_store_n(&by_program, true, __ATOMIC_RELAXED);
}

bool ofd_used_by_program(void)
{
	return __atomic_load_n(&by_program, __ATOMIC_RELAXED);
}

const struct lock_backend backend_ofd = {
	.name = "OFD lock",
	.note = NOTE_OFD,
	.acquire = ofd_acquire,
	.release = ofd_release,
};
