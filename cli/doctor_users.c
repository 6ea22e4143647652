/* SPDX-License-Identifier: MIT
 * Goes through the descriptors of every process that may be looked at. */
#include "cli/doctor_users.h"
#include "cli/doctor_try.h"
#include "cli/memory.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MOST_LOCKS 1000 /* rows that somebody would read */

struct file {
	uint64_t device, inode; /* as stat has them */
};

typedef void each_file(void *context, int pid, const char *fd, const struct file *is);

/* From what the kernel has of it: a server, which may be dead, is not asked. */
static bool look_at(int directory, const char *fd, struct file *ret)
{
	struct statx is;

	if (statx(directory, fd, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &is) ||
	    !S_ISREG(is.stx_mode))
		return false;
	ret->device = makedev(is.stx_dev_major, is.stx_dev_minor);
	ret->inode = is.stx_ino;
	return true;
}

/* False where the descriptors may not be looked at. */
static bool each_descriptor(int pid, each_file *each, void *context)
{
	const char *path = cli_memory_format("/proc/%d/fd", pid);
	DIR *directory = opendir(path);
	const struct dirent *entry;
	struct file is;

	if (!directory)
		return errno == ENOENT;
	while ((entry = readdir(directory))) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    look_at(dirfd(directory), entry->d_name, &is))
			each(context, pid, entry->d_name, &is);
	}
	closedir(directory);
	return true;
}

/* "lock:	1: OFDLCK  ADVISORY  WRITE -1 08:01:1234 0 EOF" */
static unsigned held_through(int pid, const char *fd)
{
	static const struct {
		const char *word;
		enum cli_try_family family;
	} words[] = { { ": FLOCK ", CLI_TRY_FLOCK },
		      { ": POSIX ", CLI_TRY_POSIX },
		      { ": OFDLCK ", CLI_TRY_OFD } };
	const char *info = cli_memory_read(cli_memory_format("/proc/%d/fdinfo/%s", pid, fd), NULL);
	const char *locks = info ? strstr(info, "lock:") : NULL;
	unsigned families = 0;

	for (size_t i = 0; locks && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(locks, words[i].word))
			families |= 1u << words[i].family;
	}
	return families;
}

static const char *path_of(int pid, const char *fd)
{
	char target[4096];
	ssize_t len =
		readlink(cli_memory_format("/proc/%d/fd/%s", pid, fd), target, sizeof(target) - 1);

	return len > 0 ? cli_memory_format("%.*s", (int)len, target) : "?";
}

static bool is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return !strcmp(directory, "/") ||
	       (!strncmp(path, directory, len) && (!path[len] || path[len] == '/'));
}

static struct cli_wanted_file *listed(const struct cli_wanted *wanted, const struct file *is)
{
	for (size_t i = 0; i < wanted->files_count; i++) {
		struct cli_wanted_file *file = &wanted->files[i];

		if (file->device == is->device && file->inode == is->inode)
			return file;
	}
	return NULL;
}

struct search {
	const struct cli_wanted *wanted;
	struct cli_user found;
};

static void look(void *context, int pid, const char *fd, const struct file *is)
{
	struct search *search = context;
	const struct cli_wanted *wanted = search->wanted;
	const struct cli_wanted_file *file = listed(wanted, is);
	unsigned families;

	if (!file && !wanted->below)
		return;
	families = held_through(pid, fd);
	if (!families && (!file || !file->held))
		return;
	if (!file && !is_below(path_of(pid, fd), wanted->below))
		return;
	if (!search->found.files++)
		search->found.path = path_of(pid, fd);
	search->found.families |= families;
}

/* A keeper is another's lock. */
static bool is_keeper(const struct cli_converted *who)
{
	return !strncmp(who->proc.name, "lockshim-keeper", 15);
}

static void add(struct cli_users *users, int pid, const struct cli_user *found)
{
	struct cli_converted *who = cli_memory_get(sizeof(*who));

	if (!cli_converted_look(pid, who) || is_keeper(who))
		return;
	users->at[users->count] = *found;
	users->at[users->count++].who = who;
}

void cli_users_find(const struct cli_wanted *wanted, int except, struct cli_users *ret)
{
	int *all = cli_proc_all();
	size_t count = 0;

	while (all[count])
		count++;
	*ret = (struct cli_users){ .at = cli_memory_get((count + 1) * sizeof(*ret->at)) };
	for (; *all; all++) {
		struct search search = { .wanted = wanted };

		if (*all == except || *all == getpid())
			continue;
		ret->hidden += !each_descriptor(*all, look, &search);
		if (search.found.files)
			add(ret, *all, &search.found);
	}
}

/* Room is grown at each power of two. */
static struct cli_wanted_file *append(struct cli_wanted *wanted)
{
	size_t count = wanted->files_count++;
	struct cli_wanted_file *files;

	if (count & (count - 1))
		return &wanted->files[count];
	files = cli_memory_get((count ? 2 * count : 1) * sizeof(*files));
	if (count)
		memcpy(files, wanted->files, count * sizeof(*files));
	wanted->files = files;
	return &files[count];
}

static void collect(void *context, int pid, const char *fd, const struct file *is)
{
	struct cli_wanted_file *file = listed(context, is);

	if (!file) {
		file = append(context);
		*file = (struct cli_wanted_file){ is->device, is->inode, false };
	}
	file->held |= held_through(pid, fd) != 0;
}

bool cli_users_files_of(int pid, struct cli_wanted *ret)
{
	return each_descriptor(pid, collect, ret);
}

static void add_lock(void *context, int pid, const char *fd, const struct file *is)
{
	struct cli_users *locks = context;
	unsigned families = held_through(pid, fd);

	(void)is;
	if (!families || locks->count == MOST_LOCKS)
		return;
	locks->at[locks->count++] =
		(struct cli_user){ .path = path_of(pid, fd), .families = families };
}

void cli_users_locks_of(int pid, struct cli_users *ret)
{
	*ret = (struct cli_users){ .at = cli_memory_get(MOST_LOCKS * sizeof(*ret->at)) };
	each_descriptor(pid, add_lock, ret);
}

const char *cli_users_families(unsigned families)
{
	const char *text = "";

	for (int i = 0; i < CLI_TRY_FAMILIES; i++) {
		if (families & 1u << i)
			text = cli_memory_format("%s%s%s", text, *text ? ", " : "",
						 cli_try_names[i]);
	}
	return *text ? text : "-";
}
