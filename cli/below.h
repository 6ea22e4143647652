/* SPDX-License-Identifier: MIT
 * Files of a system that lies below a directory, as of an image: each symbolic link on the way
 * leads below it too, so that nothing of this host is read or written in its place. */
#ifndef CLI_BELOW_H
#define CLI_BELOW_H

#include <stdbool.h>

/* As open without O_CREAT; close-on-exec. ROOT "": this system. -1 with errno: ENOSYS where the
 * kernel is older than Linux 5.6 and ROOT is not "". */
int cli_below_open(const char *root, const char *path, int flags);

/* The text of a file, or NULL with errno. */
char *cli_below_read(const char *root, const char *path);

/* True where something has that name: a link that leads nowhere too. */
bool cli_below_has(const char *root, const char *path);

/* What PATH, a symbolic link, holds; NULL: it is none. */
const char *cli_below_link(const char *root, const char *path);

/* Calls EACH for the paths that a pattern as of glob(3), from the root on, comes to. */
void cli_below_each(const char *root, const char *pattern,
		    void (*each)(void *context, const char *path), void *context);

/* The directory, made with those over it where it is not there. -1 with errno. */
int cli_below_make(const char *root, const char *path);

#endif
