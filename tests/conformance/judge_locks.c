/* SPDX-License-Identifier: MIT
 * Line by line, by inode. */
#include "tests/conformance/judge_locks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOOKS 32 /* that find nothing, until there is nothing */

/* "1: -> OFDLCK ADVISORY WRITE -1 fe:00:42 0 EOF"; sums what SEEN makes of what follows the number,
 * up to the first that counts where there is an ARGUMENT. */
static int each_lock(const char *file, int argument, int (*seen)(const char *, int))
{
	char line[256], mark[64];
	struct stat st;
	FILE *locks = fopen("/proc/locks", "re");
	int sum = 0;

	if (!locks || stat(file, &st)) {
		perror("/proc/locks");
		exit(2);
	}
	snprintf(mark, sizeof mark, ":%llu ", (unsigned long long)st.st_ino);
	while (!(sum && argument) && fgets(line, sizeof line, locks))
		if (strstr(line, mark))
			sum += seen(strchr(line, ' ') + 1, argument);
	fclose(locks);
	return sum;
}

/* An atomic upgrade does not wait in the kernel: it leaves a byte near the end out of its shared
 * lock and asks again and again. */
static int is_waiter(const char *line, int argument)
{
	(void)argument;
	return !strncmp(line, "-> ", 3) ||
	       (strstr(line, " READ ") && strstr(line, " 0 922337203685477") &&
		!strstr(line, "5804\n") && !strstr(line, "5806\n"));
}

static int pid_of_kind(const char *line, int kind)
{
	int pid = 0;

	if (line[0] == kind && sscanf(line, "%*s %*s %*s %d", &pid) != 1)
		return 0;
	return pid;
}

int locks_waiting(const char *file)
{
	return each_lock(file, 0, is_waiter);
}

/* The list is read piece by piece: where others' locks go meanwhile, one that stands is left out.
 */
int locks_pid(const char *file, int kind)
{
	int pid = 0;

	for (int looks = 0; !pid && looks < LOOKS; looks++)
		pid = each_lock(file, kind, pid_of_kind);
	return pid;
}
