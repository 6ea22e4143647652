/* SPDX-License-Identifier: MIT
 * The files that are not files: .control and .await take commands, .log and .log.NAME are the
 * journal as it was when they were opened. README.md has the commands. */
#ifndef LOCKFS_CONTROL_H
#define LOCKFS_CONTROL_H

#include <fuse3/fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* The node of a name, 0: it is none of these; and whether a node is. */
uint64_t control_node(const char *name);
bool control_has(uint64_t node);

void control_stat(uint64_t node, struct stat *ret_stat);
void control_open(fuse_req_t request, uint64_t node, struct fuse_file_info *info);
void control_read(fuse_req_t request, const struct fuse_file_info *info, size_t size, off_t offset);
void control_write(fuse_req_t request, uint64_t node, const char *text, size_t size);
void control_release(fuse_req_t request, const struct fuse_file_info *info);

/* Answers the .await that has come true. */
void control_look(void);

/* The caller of an .await got a signal. False: there is none by that number. */
bool control_interrupt(uint64_t unique);

#endif
