/* SPDX-License-Identifier: MIT
 * Calls libc as any program would. Once the file has crashed every call fails, and the process ends
 * past libc, so that nothing of it is written any more. */
#include "tests/fuse/schedules/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuse/schedules/record.h"

struct act {
	const struct plan *plan;
	const struct turn *turn;
	const char *path;
	int fd;     /* has the lock */
	int writes; /* the same, or another of the file */
	FILE *stream;
	off_t end; /* of what was there before */
	char data[RECORDS_MAX * RECORD_SIZE + 1];
	size_t size;
};

static _Noreturn void gone(void)
{
	syscall(SYS_exit_group, 1);
	__builtin_unreachable();
}

static void must(bool done)
{
	if (done)
		return;
	if (errno != EIO)
		perror("schedules: a holder, and no crash is why");
	gone();
}

static int set_record(enum family family, int fd, int type, off_t start, off_t length)
{
	struct flock record = {
		.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	return fcntl(fd, family == FAMILY_OFD ? F_OFD_SETLKW : F_SETLKW, &record);
}

int holder_lock(enum family family, int fd, int type)
{
	static const int operations[] = {
		[F_RDLCK] = LOCK_SH, [F_WRLCK] = LOCK_EX, [F_UNLCK] = LOCK_UN
	};

	return family == FAMILY_FLOCK ? flock(fd, operations[type])
				      : set_record(family, fd, type, 0, 0);
}

static bool is_read_only(enum way way)
{
	return way == WAY_READ_ONLY || way == WAY_SHARED;
}

static void put(struct act *act, const char *data, size_t size, off_t offset)
{
	must(pwrite(act->writes, data, size, offset) == (ssize_t)size);
}

static void store_write(struct act *act)
{
	must(lseek(act->writes, act->end, SEEK_SET) == act->end);
	for (size_t done = 0; done < act->size; done += RECORD_SIZE)
		must(write(act->writes, act->data + done, RECORD_SIZE) == RECORD_SIZE);
}

static void store_pwrite(struct act *act)
{
	put(act, act->data, act->size, act->end);
}

static void store_writev(struct act *act)
{
	struct iovec parts[] = { { act->data, 5 }, { act->data + 5, act->size - 5 } };

	must(lseek(act->writes, act->end, SEEK_SET) == act->end);
	must(writev(act->writes, parts, 2) == (ssize_t)act->size);
}

/* A page that can't be read in is a signal, which ends it as well. */
static void store_mapping(struct act *act)
{
	size_t size = (size_t)act->end + act->size;
	char *mapping;

	must(ftruncate(act->writes, (off_t)size) == 0);
	mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, act->writes, 0);
	must(mapping != MAP_FAILED);
	memcpy(mapping + act->end, act->data, act->size);
}

static void store(struct act *act)
{
	static void (*const stores[STORE_COUNT])(struct act *) = {
		[STORE_WRITE] = store_write,   [STORE_PWRITE] = store_pwrite,
		[STORE_WRITEV] = store_writev, [STORE_MAPPING] = store_mapping,
		[STORE_OTHER] = store_pwrite,
	};

	/* A stream's data is not written here, but when the stream is closed. */
	if (act->turn->way == WAY_FCLOSE || act->turn->way == WAY_BUFFERED) {
		act->stream = fdopen(act->fd, "r+");
		must(act->stream && fseeko(act->stream, act->end, SEEK_SET) == 0 &&
		     fwrite(act->data, act->size, 1, act->stream) == 1);
	} else if (is_read_only(act->turn->way)) {
		store_pwrite(act);
	} else {
		stores[act->turn->store](act);
	}
}

static void way_unlock(struct act *act)
{
	must(holder_lock(act->plan->family, act->fd, F_UNLCK) == 0);
}

static void way_parts(struct act *act)
{
	if (act->plan->family != FAMILY_FLOCK)
		must(set_record(act->plan->family, act->fd, F_UNLCK, 0, RECORD_SIZE) == 0);
	way_unlock(act);
}

static void way_downgrade(struct act *act)
{
	must(holder_lock(act->plan->family, act->fd, F_RDLCK) == 0);
	way_unlock(act);
}

static void way_close(struct act *act)
{
	must(close(act->fd) == 0);
}

static void way_dup2(struct act *act)
{
	must(dup2(STDIN_FILENO, act->fd) == act->fd);
}

static void way_fclose(struct act *act)
{
	must(fclose(act->stream) == 0);
}

static void way_close_range(struct act *act)
{
	must(close_range((unsigned)act->fd, ~0U, 0) == 0);
}

static void way_close_other(struct act *act)
{
	int other =
		act->plan->family == FAMILY_POSIX ? open(act->path, O_RDONLY | O_CLOEXEC) : act->fd;

	must(other >= 0 && close(other) == 0);
}

static void way_exec(struct act *act)
{
	(void)act;
	execl("/bin/true", "true", (char *)NULL);
	gone();
}

static void way_exit(struct act *act)
{
	(void)act;
	exit(0);
}

static void way_quick_exit(struct act *act)
{
	(void)act;
	quick_exit(0);
}

static void way_exit_now(struct act *act)
{
	(void)act;
	_exit(0);
}

static void way_killed(struct act *act)
{
	(void)act;
	kill(getpid(), SIGKILL);
}

static void way_terminated(struct act *act)
{
	(void)act;
	kill(getpid(), SIGTERM);
}

static void way_abort(struct act *act)
{
	(void)act;
	abort();
}

static void way_raw_exit(struct act *act)
{
	(void)act;
	gone();
}

static void way_raw_close(struct act *act)
{
	must(syscall(SYS_close, act->fd) == 0);
}

static void let_go(struct act *act)
{
	static void (*const ways[WAY_COUNT])(struct act *) = {
		[WAY_UNLOCK] = way_unlock,
		[WAY_PARTS] = way_parts,
		[WAY_DOWNGRADE] = way_downgrade,
		[WAY_CLOSE] = way_close,
		[WAY_DUP2] = way_dup2,
		[WAY_FCLOSE] = way_fclose,
		[WAY_CLOSE_RANGE] = way_close_range,
		[WAY_CLOSE_OTHER] = way_close_other,
		[WAY_EXEC] = way_exec,
		[WAY_EXIT] = way_exit,
		[WAY_QUICK_EXIT] = way_quick_exit,
		[WAY_EXIT_NOW] = way_exit_now,
		[WAY_READ_ONLY] = way_unlock,
		[WAY_KILLED] = way_killed,
		[WAY_TERMINATED] = way_terminated,
		[WAY_ABORT] = way_abort,
		[WAY_RAW_EXIT] = way_raw_exit,
		[WAY_RAW_CLOSE] = way_raw_close,
		[WAY_BUFFERED] = way_unlock,
		[WAY_SHARED] = way_unlock,
	};

	ways[act->turn->way](act);
}

static void open_it(struct act *act)
{
	bool read_only = is_read_only(act->turn->way);

	act->fd = open(act->path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	must(act->fd >= 0);
	act->writes = act->fd;
	if (!read_only && act->turn->store != STORE_OTHER)
		return;
	act->writes = open(act->path, O_RDWR | O_CLOEXEC);
	must(act->writes >= 0);
}

static _Noreturn void take_turn(struct act *act, bool syncs, int from, int to)
{
	char word;

	open_it(act);
	must(holder_lock(act->plan->family, act->fd,
			 act->turn->way == WAY_SHARED ? F_RDLCK : F_WRLCK) == 0);
	store(act);
	must(write(to, "w", 1) == 1 && read(from, &word, 1) == 1);
	if (syncs) {
		must(!act->stream || fflush(act->stream) == 0);
		must(fdatasync(act->writes) == 0);
	}
	let_go(act);
	gone();
}

static void fill(struct act *act, unsigned turn)
{
	unsigned first = plan_first_record(act->plan, turn);

	act->end = (off_t)first * RECORD_SIZE;
	act->size = act->turn->records * RECORD_SIZE;
	for (unsigned i = 0; i < act->turn->records; i++)
		record_make(act->data + (size_t)i * RECORD_SIZE, act->plan->seed, first + i);
}

struct holder holder_start(const struct plan *plan, unsigned turn, const char *path, bool syncs)
{
	struct act act = { .plan = plan, .turn = &plan->turn[turn], .path = path };
	struct holder holder;
	int down[2], up[2];

	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC) || (holder.pid = fork()) < 0) {
		perror("schedules: holder");
		exit(2);
	}
	if (!holder.pid) {
		fill(&act, turn);
		take_turn(&act, syncs, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	holder.tell = down[1];
	holder.hear = up[0];
	return holder;
}

bool holder_has_written(const struct holder *holder)
{
	char word;

	return read(holder->hear, &word, 1) == 1;
}

void holder_finish(struct holder *holder)
{
	if (write(holder->tell, "g", 1) != 1 && errno != EPIPE)
		perror("schedules: tell");
	close(holder->tell);
	close(holder->hear);
	while (waitpid(holder->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
