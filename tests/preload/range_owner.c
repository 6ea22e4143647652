/* SPDX-License-Identifier: MIT
 * A process that asks for what it is told, by libc or by raw system calls. */
#include "tests/preload/range_model.h"

#include <signal.h>
#include <sys/prctl.h>

#ifdef SYS_fcntl64
#define RAW_GETLK F_GETLK64
#else
#define RAW_GETLK F_GETLK
#endif

struct process {
	const char *path;
	int fds[DESCRIPTORS];
	bool is_raw;
};

static struct flock record_of(const struct request *request)
{
	return (struct flock){
		.l_type = request->type,
		.l_whence = SEEK_SET,
		.l_start = request->start,
		.l_len = request->end == BYTES - 1 ? 0 : request->end - request->start + 1,
	};
}

static int ask_record(const struct process *process, const struct request *request, bool get,
		      struct flock *record)
{
	int fd = process->fds[request->through];
	long result = process->is_raw ? syscall(RAW_FCNTL, fd, get ? RAW_GETLK : RAW_SETLK, record)
				      : fcntl(fd, get ? F_GETLK : F_SETLK, record);

	/* POSIX leaves either to the kernel. */
	return !result ? 0 : errno == EACCES ? EAGAIN : errno;
}

static struct reply do_set(const struct process *process, const struct request *request)
{
	struct flock record = record_of(request);

	return (struct reply){ .error = ask_record(process, request, false, &record) };
}

/* The outsider has no lockf of its own: the same by fcntl. */
static struct reply do_lockf(const struct process *process, const struct request *request)
{
	static const int commands[] = {
		[F_RDLCK] = F_TEST, [F_WRLCK] = F_TLOCK, [F_UNLCK] = F_ULOCK
	};
	struct flock record = record_of(request);
	int fd = process->fds[request->through], error;

	if (!process->is_raw) {
		lseek(fd, record.l_start, SEEK_SET);
		error = lockf(fd, commands[request->type], record.l_len) ? errno : 0;
		return (struct reply){ .error = error };
	}
	error = ask_record(process, request, request->type == F_RDLCK, &record);
	if (request->type == F_RDLCK && record.l_type != F_UNLCK)
		error = EACCES;
	return (struct reply){ .error = error };
}

static int byte_of(off_t at)
{
	return at < BYTES - 1 ? (int)at : BYTES - 1;
}

static struct reply do_get(const struct process *process, const struct request *request)
{
	struct flock record = record_of(request);
	int error = ask_record(process, request, true, &record);

	return (struct reply){
		.error = error,
		.type = record.l_type,
		.start = byte_of(record.l_start),
		.end = record.l_len ? byte_of(record.l_start + record.l_len - 1) : BYTES - 1,
		.pid = record.l_pid,
	};
}

static struct reply do_open_and_close(const struct process *process, const struct request *request)
{
	int fd = open(process->path, O_RDONLY | O_CLOEXEC);

	(void)request;
	return (struct reply){ .error = close(fd) ? errno : 0 };
}

/* Never the outsider's, whose flocks would not meet those that were converted. */
static struct reply do_flock(const struct process *process, const struct request *request)
{
	static const int operations[] = {
		[F_RDLCK] = LOCK_SH, [F_WRLCK] = LOCK_EX, [F_UNLCK] = LOCK_UN
	};
	int result = flock(process->fds[request->through], operations[request->type] | LOCK_NB);

	return (struct reply){ .error = result ? errno : 0 };
}

static _Noreturn void obey(const struct process *process, int from, int to)
{
	static struct reply (*const acts[KINDS])(const struct process *process,
						 const struct request *request) = {
		[SET] = do_set,     [LOCKF] = do_lockf,
		[GET] = do_get,     [OPEN_AND_CLOSE] = do_open_and_close,
		[FLOCK] = do_flock,
	};
	struct request request;
	struct reply reply;

	while (read(from, &request, sizeof request) == sizeof request) {
		reply = acts[request.kind](process, &request);
		if (write(to, &reply, sizeof reply) != sizeof reply)
			break;
	}
	_exit(0);
}

void owner_start(struct owner *owner, const char *path, bool is_raw)
{
	struct process process = { .path = path, .is_raw = is_raw };
	int down[2], up[2];

	assert_int_equal(pipe2(down, O_CLOEXEC) | pipe2(up, O_CLOEXEC), 0);
	owner->pid = fork();
	assert_return_code(owner->pid, errno);
	if (!owner->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		process.fds[0] = open(path, O_RDWR | O_CLOEXEC);
		process.fds[1] = open(path, O_RDWR | O_CLOEXEC);
		process.fds[READ_ONLY] = open(path, O_RDONLY | O_CLOEXEC);
		process.fds[3] = dup(process.fds[0]);
		obey(&process, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	owner->ask = down[1];
	owner->hear = up[0];
}

struct reply owner_ask(const struct owner *owner, const struct request *request)
{
	struct reply reply;

	assert_int_equal(write(owner->ask, request, sizeof *request), sizeof *request);
	assert_int_equal(read(owner->hear, &reply, sizeof reply), sizeof reply);
	return reply;
}

void owner_stop(struct owner *owner)
{
	kill(owner->pid, SIGKILL);
	assert_int_equal(waitpid(owner->pid, NULL, 0), owner->pid);
	close(owner->ask);
	close(owner->hear);
}
