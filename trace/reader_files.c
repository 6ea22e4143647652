/* SPDX-License-Identifier: MIT
 * The open descriptors, the one that was used longest ago given up for the next. */
#include "trace/reader_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHERS 16 /* descriptors left to the program at any rate */

void reader_files_start(struct reader_files *files)
{
	struct rlimit limit;

	files->count = READER_FILES_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return;
	if (limit.rlim_cur < OTHERS + 2)
		files->count = 1;
	else if ((limit.rlim_cur - OTHERS) / 2 < READER_FILES_MAX)
		files->count = (unsigned)((limit.rlim_cur - OTHERS) / 2);
}

void reader_file_init(struct reader_file *file, char *path)
{
	*file = (struct reader_file){ .path = path, .slot = -1 };
}

static void close_slot(struct reader_slot *slot)
{
	if (!slot->file)
		return;
	close(slot->fd);
	slot->file->slot = -1;
	slot->file = NULL;
}

/* A free one, or the one used longest ago, emptied. */
static int take_slot(struct reader_files *files)
{
	unsigned best = 0;

	for (unsigned i = 0; i < files->count; i++) {
		if (!files->slots[i].file)
			return (int)i;
		if (files->slots[i].used < files->slots[best].used)
			best = i;
	}
	close_slot(&files->slots[best]);
	return (int)best;
}

/* The process may have used up its descriptors elsewhere. */
static int open_any(struct reader_files *files, const char *path)
{
	/* A FIFO must not hold us up. */
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags);

	for (unsigned i = 0; fd < 0 && errno == EMFILE && i < files->count; i++) {
		if (!files->slots[i].file)
			continue;
		close_slot(&files->slots[i]);
		fd = open(path, flags);
	}
	return fd < 0 ? -errno : fd;
}

static int check(struct reader_file *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	if (file->known && (file->device != st.st_dev || file->inode != st.st_ino))
		return -ESTALE;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	file->known = true;
	return 0;
}

static int get_fd(struct reader_files *files, struct reader_file *file)
{
	struct reader_slot *slot;
	int fd, number, error;

	if (file->slot < 0) {
		number = take_slot(files);
		fd = open_any(files, file->path);
		if (fd < 0)
			return fd;
		error = check(file, fd);
		if (error) {
			close(fd);
			return error;
		}
		files->slots[number].fd = fd;
		files->slots[number].file = file;
		file->slot = number;
	}
	slot = &files->slots[file->slot];
	slot->used = ++files->uses;
	return slot->fd;
}

ssize_t reader_files_read(struct reader_files *files, struct reader_file *file, void *to,
			  size_t len, uint64_t at)
{
	int fd = get_fd(files, file);
	size_t done = 0;

	if (fd < 0)
		return fd;
	while (done < len) {
		ssize_t got = pread(fd, (char *)to + done, len - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int64_t reader_files_length(struct reader_files *files, struct reader_file *file)
{
	int fd = get_fd(files, file);
	struct stat st;

	if (fd < 0)
		return fd;
	return fstat(fd, &st) ? -errno : st.st_size;
}

void reader_files_forget(struct reader_files *files, struct reader_file *file)
{
	if (file->slot >= 0)
		close_slot(&files->slots[file->slot]);
	free(file->path);
	file->path = NULL;
}
