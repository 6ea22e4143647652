/* SPDX-License-Identifier: MIT
 * Files that are read in pieces, far more of them than descriptors: those used last stay open. */
#ifndef LOCKSHIM_TRACE_READER_FILES_H
#define LOCKSHIM_TRACE_READER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define READER_FILES_MAX 256

struct reader_file {
	char *path;
	uint64_t device, inode; /* once it was open: a path may name another file later */
	bool known;
	int slot; /* -1: not open */
};

struct reader_files {
	struct reader_slot {
		int fd;
		struct reader_file *file; /* NULL: free */
		uint64_t used;
	} slots[READER_FILES_MAX];
	unsigned count; /* of the slots that may be used */
	uint64_t uses;
};

/* A half of what RLIMIT_NOFILE leaves. */
void reader_files_start(struct reader_files *files);

/* Takes PATH over, to be freed by reader_files_forget(). */
void reader_file_init(struct reader_file *file, char *path);

/* As pread, of a regular file alone and through no link; -errno on errors, -ESTALE where the path
 * has another file by now. */
ssize_t reader_files_read(struct reader_files *files, struct reader_file *file, void *to,
			  size_t len, uint64_t at);

/* The file's length now, or -errno. */
int64_t reader_files_length(struct reader_files *files, struct reader_file *file);

void reader_files_forget(struct reader_files *files, struct reader_file *file);

#endif
