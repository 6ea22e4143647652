/* SPDX-License-Identifier: MIT
 * Nodes are places in one array that only grows. */
#include "tests/fuse/lockfs/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_NODE 16 /* below: the root and what control.c has */

static struct file **files;
static size_t count;
static int backing_fd = -1;

struct file *files_at(uint64_t node)
{
	return node >= FIRST_NODE && node - FIRST_NODE < count ? files[node - FIRST_NODE] : NULL;
}

struct file *files_next(const struct file *file)
{
	for (size_t i = file ? file->node - FIRST_NODE + 1 : 0; i < count; i++)
		if (files[i]->listed)
			return files[i];
	return NULL;
}

struct file *files_named(const char *name)
{
	for (size_t i = count; i-- > 0;)
		if (files[i]->listed && strcmp(files[i]->name, name) == 0)
			return files[i];
	return NULL;
}

static struct file *add(const char *name)
{
	struct file **grown = realloc(files, (count + 1) * sizeof(*files));
	struct file *file = calloc(1, sizeof(*file));

	if (!grown || !file)
		abort();
	files = grown;
	files[count] = file;
	file->node = FIRST_NODE + count++;
	file->name = strdup(name);
	file->listed = true;
	clock_gettime(CLOCK_REALTIME, &file->changed);
	return file;
}

int files_resize(struct file *file, size_t size)
{
	char *data = realloc(file->data, size ? size : 1);

	if (!data)
		return -ENOMEM;
	if (size > file->size)
		memset(data + file->size, 0, size - file->size);
	file->data = data;
	file->size = size;
	clock_gettime(CLOCK_REALTIME, &file->changed);
	return 0;
}

int files_write(struct file *file, const char *data, size_t size, size_t offset)
{
	int error = offset + size > file->size ? files_resize(file, offset + size) : 0;

	if (error)
		return error;
	memcpy(file->data + offset, data, size);
	clock_gettime(CLOCK_REALTIME, &file->changed);
	return 0;
}

static int load(struct file *file)
{
	int fd = openat(backing_fd, file->name, O_RDONLY | O_CLOEXEC), error = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		error = -errno;
	else
		error = files_resize(file, (size_t)st.st_size);
	if (!error && read(fd, file->data, file->size) != (ssize_t)file->size)
		error = -EIO;
	close(fd);
	return error;
}

int files_load(const char *backing)
{
	struct dirent *entry;
	DIR *directory = opendir(backing);
	int error = 0;

	if (!directory)
		return -errno;
	backing_fd = dup(dirfd(directory));
	while (!error && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			error = load(add(entry->d_name));
	closedir(directory);
	return error;
}

int files_sync(struct file *file)
{
	int fd, error = 0;

	if (!file->listed)
		return 0;
	fd = openat(backing_fd, file->name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, file->data, file->size) != (ssize_t)file->size)
		error = -EIO;
	close(fd);
	return error;
}

int files_create(const char *name, struct file **ret_file)
{
	int fd = openat(backing_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return -errno;
	close(fd);
	*ret_file = add(name);
	return 0;
}

int files_unlink(const char *name)
{
	struct file *file = files_named(name);

	if (!file)
		return -ENOENT;
	if (unlinkat(backing_fd, name, 0))
		return -errno;
	file->listed = false;
	return 0;
}

int files_rename(const char *from, const char *to)
{
	struct file *file = files_named(from), *there = files_named(to);
	char *name;

	if (!file)
		return -ENOENT;
	if (renameat(backing_fd, from, backing_fd, to))
		return -errno;
	name = strdup(to);
	if (!name)
		abort();
	if (there && there != file)
		there->listed = false;
	free(file->name);
	file->name = name;
	return 0;
}

int files_restart(struct file *file)
{
	file->listed = false;
	return load(add(file->name));
}
