/* SPDX-License-Identifier: MIT
 * The storm's directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/storm/judge.h"

#define REPORT "sanitizer."

static void make_file(const char *name)
{
	char path[300];
	int fd;

	snprintf(path, sizeof path, "%s/%s", storm.place, name);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		perror(path);
		exit(2);
	}
	close(fd);
}

static void note_set(struct ledger *ledger, const char *set)
{
	ledger->by_process = set && strstr(set, "flock=posix");
	ledger->keeps = set && strstr(set, "upgrade=atomic");
}

void place_make(const struct judge *judge)
{
	char place[256], fifo[300];

	umask(077); /* a policy that others could write is refused */
	snprintf(place, sizeof place, "%s/lockshim-storm-XXXXXX", judge->directory);
	if (!mkdtemp(place)) {
		perror(place);
		exit(2);
	}
	storm_map(place, true);
	make_file("plain");
	make_file("policy.conf");
	snprintf(fifo, sizeof fifo, "%s/fifo", storm.place);
	if (mkfifo(fifo, 0600)) {
		perror(fifo);
		exit(2);
	}
	storm.ledger->seed = (uint64_t)judge->seed;
	note_set(storm.ledger, judge->preload ? judge->set : NULL);
}

static void show(const char *path)
{
	char text[4096];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (got = read(fd, text, sizeof text)) > 0)
		fwrite(text, 1, (size_t)got, stderr);
	close(fd);
}

/* Calls `what` with the path of each entry whose name begins with PREFIX; gives their number. */
static int each(const char *prefix, void (*what)(const char *path))
{
	DIR *directory = opendir(storm.place);
	struct dirent *entry;
	char path[600];
	int count = 0;

	while (directory && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", storm.place, entry->d_name);
		what(path);
		count++;
	}
	closedir(directory);
	return count;
}

int place_show_reports(void)
{
	return each(REPORT, show);
}

static void forget(const char *path)
{
	if (unlink(path))
		perror(path);
}

void place_remove(void)
{
	each("", forget);
	if (rmdir(storm.place))
		perror(storm.place);
}
