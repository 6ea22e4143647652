/* SPDX-License-Identifier: MIT
 * The files: what is written is in memory, what was synced is in the backing directory. Names are
 * durable at once, contents and sizes are not. One flat directory. */
#ifndef LOCKFS_FILES_H
#define LOCKFS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct file {
	uint64_t node; /* the number that the kernel knows it by; never used again */
	char *name;    /* kept after unlink, for the journal */
	bool listed;   /* has its name; a file that was unlinked or restarted has none */
	bool crashed;  /* answers EIO to everything */
	char *data;
	size_t size;
	struct timespec changed;
};

/* All functions: 0 or -errno, unless they say otherwise. */
int files_load(const char *backing);

/* NULL: none. files_next() goes through all listed ones; from NULL it gives the first. */
struct file *files_at(uint64_t node);
struct file *files_named(const char *name);
struct file *files_next(const struct file *file);

int files_create(const char *name, struct file **ret_file);
int files_unlink(const char *name);
int files_rename(const char *from, const char *to);
int files_resize(struct file *file, size_t size);
int files_write(struct file *file, const char *data, size_t size, size_t offset);

/* What the file holds survives from here on. */
int files_sync(struct file *file);

/* The name gets a new file with what had survived; the old one stays crashed for who has it open.
 */
int files_restart(struct file *file);

#endif
