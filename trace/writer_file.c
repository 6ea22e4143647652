/* SPDX-License-Identifier: MIT
 * A file gets its name once it is valid: babeltrace2 gives up on a directory with one that is not.
 */
#include "trace/writer_file.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "trace/writer_text.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define SMALLEST 16384u
#define PIECE_MAX 65536u /* the host waits for it: some tens of microseconds */
#define LIMIT_MAX (sizeof(void *) == 8 ? UINT64_C(1) << 40 : UINT64_C(1) << 26)
#define BITS(bytes) ((uint64_t)(bytes)*8)

static void name(struct writer_text *ret, const struct writer_file *file)
{
	ret->len = 0;
	writer_text_number(ret, file->pid, 10);
	writer_text_add(ret, "-");
	writer_text_number(ret, writer_process(file->pid, file->started), 16);
	writer_text_add(ret, ".");
	if (file->number == WRITER_NAMES) {
		writer_text_add(ret, "names");
		return;
	}
	writer_text_number(ret, file->number, 10);
	writer_text_add(ret, ".events");
}

uint64_t writer_file_limit(uint64_t size)
{
	struct rlimit limit;
	int saved = errno;

	if (size > LIMIT_MAX)
		size = LIMIT_MAX;
	if (!getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur < size)
		size = limit.rlim_cur;
	if (size >= SMALLEST && !getrlimit(RLIMIT_AS, &limit) && limit.rlim_cur / 64 < size)
		size = limit.rlim_cur / 64 < SMALLEST ? SMALLEST : limit.rlim_cur / 64;
	errno = saved;
	return size < SMALLEST ? 0 : size & ~(uint64_t)4095;
}

static int open_file(struct sys_fd *ret, const struct writer_file *file, const struct sys_fd *place)
{
	struct writer_text path;
	int error;

	name(&path, file);
	error = sys_fd_open(ret, place->fd, path.text, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
	if (error)
		return error;
	if (ret->is.st_dev == file->device && ret->is.st_ino == file->inode)
		return 0;
	sys_fd_close(ret);
	return -ESTALE;
}

/* Stores to AT by a system call: where a store of ours would kill the host, the kernel's answers
 * EFAULT. AT is not used yet. */
static int touch(void *at)
{
	int saved = errno;

	return (int)sys_result(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, at, _NSIG / 8), saved);
}

/* Where there is no MADV_POPULATE_WRITE. */
static int touch_all(const struct writer_file *file, size_t upto)
{
	int error = 0;

	for (size_t at = writer_file_ready(file); !error && at < upto;
	     at = (at & ~(writer_setup.page - 1)) + writer_setup.page)
		error = touch(file->map + at);
	return error;
}

static int give_blocks(struct writer_file *file, size_t upto)
{
	size_t from = writer_file_ready(file) & ~(writer_setup.page - 1);
	int error = -EINVAL;

	if (!writer_setup.deaf)
		error = sys_madvise(file->map + from, upto - from, MADV_POPULATE_WRITE);
	/* An older kernel, or a host whose filter of system calls is. */
	if (error == -EINVAL || error == -ENOSYS || error == -EPERM)
		error = touch_all(file, upto);
	if (!error)
		file->end = file->map + upto;
	return error == -EFAULT || error == -ENOMEM ? -WRITER_NO_ROOM : error;
}

int writer_file_reserve(struct writer_file *file)
{
	size_t ready = writer_file_ready(file), piece = ready < PIECE_MAX ? ready : PIECE_MAX;

	if (ready >= file->size)
		return -WRITER_FULL;
	if (piece > file->size - ready)
		piece = file->size - ready;
	return give_blocks(file, ready + piece);
}

/* A host that locks all its memory (mlockall) must not have the whole file read in: what may not be
 * accessed is not. */
static int map(struct writer_file *file, int fd, size_t size)
{
	int saved = errno;
	void *at = mmap(NULL, size, PROT_NONE, MAP_SHARED, fd, 0);
	int error = at == MAP_FAILED ? -errno : 0;

	if (!error) {
		munlock(at, size);
		if (mprotect(at, size, PROT_READ | PROT_WRITE)) {
			error = -errno;
			munmap(at, size);
		}
	}
	errno = saved;
	if (error)
		return error;
	file->map = at;
	file->mapped = file->size = size;
	return 0;
}

static void set_once(uint64_t *at, uint64_t value)
{
	uint64_t none = 0;

	(void)__atomic_compare_exchange_n(at, &none, value, false, __ATOMIC_RELEASE,
					  __ATOMIC_RELAXED);
}

/* Of a file that is all zeros; or a child that was forked in the midst does it once more, while its
 * parent already writes: what changes later is left alone then. */
static void fill_head(const struct writer_file *file, uint64_t time)
{
	struct trace_head *head = writer_file_head(file);

	head->magic = TRACE_MAGIC;
	head->stream = file->number == WRITER_NAMES ? TRACE_STREAM_NAMES : TRACE_STREAM_EVENTS;
	head->process = writer_process(file->pid, file->started);
	head->started = file->started;
	head->pid = file->pid;
	head->uid = geteuid();
	head->layout = TRACE_LAYOUT;
	head->word = 8 * sizeof(void *);
	memcpy(head->program, writer_setup.program, sizeof writer_setup.program);
	set_once(&head->begin, time);
	set_once(&head->end, time);
	set_once(&head->packet, BITS(file->size));
	set_once(&head->content, BITS(sizeof *head));
}

static int fill(struct writer_file *file, int fd, size_t size, uint64_t time)
{
	int error = writer_file_is_ours(file) ? sys_ftruncate(fd, size) : -WRITER_FORKED;

	if (!error)
		error = map(file, fd, size);
	if (error)
		return error;
	file->end = file->map;
	error = -WRITER_FORKED;
	if (writer_file_is_ours(file))
		error = give_blocks(file, size < SMALLEST ? size : SMALLEST);
	if (!error && !writer_file_is_ours(file))
		error = -WRITER_FORKED;
	if (error) {
		sys_unmap(file->map, file->mapped);
		file->map = NULL;
		return error;
	}
	file->next = file->map + sizeof(struct trace_head);
	file->ended = false;
	fill_head(file, time);
	return 0;
}

/* What has that name already a child began that was forked in the midst, and left. */
static int open_new(struct sys_fd *ret, const struct writer_file *file, const struct sys_fd *place,
		    const char *path)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
	int error = sys_fd_open(ret, place->fd, path, flags);

	if (error != -EEXIST)
		return error;
	if (!writer_file_is_ours(file))
		return -WRITER_FORKED;
	sys_unlinkat(place->fd, path);
	return sys_fd_open(ret, place->fd, path, flags);
}

/* A child that was forked in the midst may have done it. */
static int give_name(const struct writer_file *file, const struct sys_fd *place, const char *from,
		     const char *to)
{
	struct sys_fd own;
	int error = -WRITER_FORKED;

	if (writer_file_is_ours(file))
		error = sys_renameat(place->fd, from, to);
	if (error != -ENOENT || open_file(&own, file, place))
		return error;
	sys_fd_close(&own);
	return 0;
}

int writer_file_make(struct writer_file *file, const struct sys_fd *place, uint64_t size,
		     uint64_t time)
{
	struct writer_text final, hidden = { .len = 0 };
	struct sys_fd own;
	int error;

	name(&final, file);
	writer_text_add(&hidden, ".");
	writer_text_add(&hidden, final.text);
	writer_text_add(&hidden, ".new");
	error = open_new(&own, file, place, hidden.text);
	if (error)
		return error;
	file->device = own.is.st_dev;
	file->inode = own.is.st_ino;
	error = fill(file, own.fd, (size_t)size, time);
	sys_fd_close(&own);
	if (!error)
		error = give_name(file, place, hidden.text, final.text);
	if (error && writer_file_is_ours(file))
		sys_unlinkat(place->fd, hidden.text);
	if (error && file->map)
		sys_unmap(file->map, file->mapped);
	return error;
}

void writer_file_reset(struct writer_file *file, uint64_t time)
{
	struct trace_head *head = writer_file_head(file);

	if (!head)
		return;
	file->next = (unsigned char *)(head + 1);
	__atomic_store_n(&head->content, BITS(sizeof *head), __ATOMIC_RELEASE);
	__atomic_store_n(&head->end, time, __ATOMIC_RELEASE);
	__atomic_store_n(&head->begin, time, __ATOMIC_RELEASE);
}

/* Behind KEEP bytes a head follows for what is to be cut off, until it is. */
static void divide(struct writer_file *file, size_t keep)
{
	struct trace_head *head = writer_file_head(file), rest = *head;

	rest.begin = rest.end;
	rest.content = BITS(sizeof rest);
	rest.packet = BITS(file->size - keep);
	memcpy(file->map + keep, &rest, sizeof rest);
	__atomic_store_n(&head->packet, BITS(keep), __ATOMIC_RELEASE);
}

void writer_file_shrink(struct writer_file *file, const struct sys_fd *place)
{
	size_t keep = ((writer_file_used(file) + 4095) & ~(size_t)4095) + 4096;
	struct sys_fd own;

	while (writer_file_ready(file) < file->size &&
	       keep + sizeof(struct trace_head) > writer_file_ready(file))
		if (writer_file_reserve(file))
			return;
	if (file->ended || keep + sizeof(struct trace_head) > writer_file_ready(file))
		return;
	divide(file, keep);
	file->ended = true;
	file->size = keep;
	file->end = file->map + keep;
	if (open_file(&own, file, place))
		return;
	sys_ftruncate(own.fd, keep);
	sys_fd_close(&own);
}
