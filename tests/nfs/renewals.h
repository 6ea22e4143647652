/* SPDX-License-Identifier: MIT
 * The calls that could renew what a kernel keeps of a file, by name. */
#ifndef LOCKSHIM_TESTS_NFS_RENEWALS_H
#define LOCKSHIM_TESTS_NFS_RENEWALS_H

/* Makes the calls NAMES, "NAME+NAME...", one after another, on FD: 0, or -1 with errno; ENOSYS for
 * a name that is none. "open" opens the file once more and closes it, "flock-un" and its like let
 * go, "statx" is with AT_STATX_FORCE_SYNC, "dontneed" posix_fadvise's, "read0" a read of 0 bytes.
 */
int renewals_make(int fd, const char *names);

#endif
