/* SPDX-License-Identifier: MIT
 * The files on which this process took both flock and fcntl. */
#ifndef LOCKSHIM_MIXED_FILES_H
#define LOCKSHIM_MIXED_FILES_H

#include <stdbool.h>
#include <sys/stat.h>

/* True once there is one. */
bool mixed_files_any(void);

/* What is noted stays: it costs time alone. Where there are many, each file counts as one. */
void mixed_files_note(int fd);
bool mixed_files_has(int fd);
bool mixed_files_lists(const struct stat *file);

#endif
