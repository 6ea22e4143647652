/* SPDX-License-Identifier: MIT
 * Each step is a child that tells what came of it, and undoes it where nobody listens any more. */
#include "cli/probe_scratch.h"
#include "cli/probe_line.h"
#include "cli/probe_seat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_EVERY 100 /* ms */
#define REMOVALS 20
#define UNDOES_WITHIN 2000000000ull /* ns */
#define XFS_MAGIC 0x58465342u
#define ZFS_MAGIC 0x2fc12fc1u
#define BCACHEFS_MAGIC 0xca451a4eu

struct outcome {
	int error;
	bool local;
};

static const uint32_t local_magics[] = {
	EXT4_SUPER_MAGIC, XFS_MAGIC, BTRFS_SUPER_MAGIC,     TMPFS_MAGIC,    RAMFS_MAGIC,
	F2FS_SUPER_MAGIC, ZFS_MAGIC, OVERLAYFS_SUPER_MAGIC, BCACHEFS_MAGIC,
};

static bool is_local(const char *path)
{
	struct statfs fs;
	uint32_t magic = statfs(path, &fs) ? 0 : (uint32_t)fs.f_type;

	for (size_t i = 0; i < sizeof(local_magics) / sizeof(local_magics[0]); i++) {
		if (local_magics[i] == magic)
			return true;
	}
	return false;
}

/* Runs in a child, whose command may have gone on without it: then what it made is undone. */
struct work {
	void (*run)(const char *path, struct outcome *ret);
	void (*undo)(const char *path);
};

static void make(const char *path, struct outcome *ret)
{
	if (mkdir(path, 0700))
		ret->error = errno;
	else
		ret->local = is_local(path);
}

static void unmake(const char *path)
{
	rmdir(path);
}

static int make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 || close(fd) ? errno : 0;
}

static void join(const char *path, struct outcome *ret)
{
	char hello[4096];

	snprintf(hello, sizeof(hello), "%s/hello", path);
	ret->error = make_file(hello);
}

static void unjoin(const char *path)
{
	char hello[4096];

	snprintf(hello, sizeof(hello), "%s/hello", path);
	unlink(hello);
}

static void try(const char *path, struct outcome *ret)
{
	ret->error = make_file(path);
	if (!ret->error && unlink(path))
		ret->error = errno;
}

static void unlink_all(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (unlinkat(dirfd(directory), entry->d_name, 0) && entry->d_name[0] != '.')
			unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
	}
	if (directory)
		closedir(directory);
}

/* What a process that is just ending has open is renamed by an NFS client, not removed. */
static void clear(const char *path, struct outcome *ret)
{
	for (int i = 0; i < REMOVALS; i++) {
		unlink_all(path);
		ret->error = rmdir(path) ? errno : 0;
		if (ret->error != ENOTEMPTY)
			return;
		poll(NULL, 0, LOOK_EVERY);
	}
}

static void clear_flat(const char *path, struct outcome *ret)
{
	const char *name = strrchr(path, '/') + 1;
	char above[4096];
	DIR *directory;
	const struct dirent *entry;

	snprintf(above, sizeof(above), "%.*s", (int)(name - path), path);
	directory = opendir(above);
	while (directory && (entry = readdir(directory))) {
		if (!strncmp(entry->d_name, name, strlen(name)) &&
		    unlinkat(dirfd(directory), entry->d_name, 0))
			ret->error = errno;
	}
	if (directory)
		closedir(directory);
	else
		ret->error = errno;
}

/* False where it did not come back. */
static bool hear(int from, uint64_t end, struct outcome *ret)
{
	struct pollfd ready = { .fd = from, .events = POLLIN };

	while (probe_clock() < end) {
		if (poll(&ready, 1, LOOK_EVERY) > 0)
			return read(from, ret, sizeof(*ret)) == sizeof(*ret);
		if (probe_stopped)
			break;
	}
	return false;
}

/* The command takes the outcome by a word of its own: what it left unread was not taken. */
static _Noreturn void work(const struct work *work, const char *path, int end)
{
	struct outcome outcome = { 0 };
	char taken;

	close(STDOUT_FILENO); /* who reads it is not to wait for a child that hangs */
	work->run(path, &outcome);
	if ((write(end, &outcome, sizeof(outcome)) != sizeof(outcome) ||
	     read(end, &taken, 1) != 1) &&
	    !outcome.error && work->undo)
		work->undo(path);
	_exit(0);
}

/* Nobody listens any more: it undoes what it made, unless a server holds it up. */
static void let_undo(pid_t pid)
{
	uint64_t end = probe_clock() + UNDOES_WITHIN;

	while (!waitpid(pid, NULL, WNOHANG) && probe_clock() < end)
		poll(NULL, 0, 1);
}

static struct outcome by_child(const struct work *what, const char *path, uint64_t timeout)
{
	struct outcome outcome = { 0 };
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return (struct outcome){ .error = errno };
	pid = fork();
	if (!pid) {
		close(ends[0]);
		work(what, path, ends[1]);
	}
	close(ends[1]);
	if (pid < 0)
		outcome.error = errno;
	else if (hear(ends[0], probe_clock() + timeout, &outcome) && write(ends[0], "", 1) == 1)
		waitpid(pid, NULL, 0);
	else
		outcome.error = probe_stopped ? EINTR : ETIMEDOUT;
	close(ends[0]);
	if (outcome.error == EINTR || outcome.error == ETIMEDOUT)
		let_undo(pid);
	return outcome;
}

int probe_scratch_make(const char *path, uint64_t timeout, bool *ret_local)
{
	static const struct work making = { make, unmake };
	struct outcome outcome = by_child(&making, path, timeout);

	*ret_local = outcome.local;
	return outcome.error;
}

int probe_scratch_try(const char *path, uint64_t timeout)
{
	static const struct work trying = { try, NULL };

	return by_child(&trying, path, timeout).error;
}

int probe_scratch_join(const char *path, uint64_t timeout)
{
	static const struct work joining = { join, unjoin };

	return by_child(&joining, path, timeout).error;
}

bool probe_scratch_remove(const char *path, bool flat, uint64_t timeout)
{
	const struct work clearing = { flat ? clear_flat : clear, NULL };
	sig_atomic_t stopped = probe_stopped;
	bool removed;

	probe_stopped = 0; /* a second signal ends this too */
	removed = !by_child(&clearing, path, timeout).error;
	probe_stopped |= stopped;
	return removed;
}
