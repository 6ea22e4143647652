/* SPDX-License-Identifier: MIT
 * Shared by the tests of the keeper. */
#include "tests/preload/keeper_find.h"

#include <dirent.h>
#include <sched.h>

/* With another process in each: minutes, which only a loaded machine takes. */
#define TRIES 200000

const struct kept kept[2] = { { O_RDONLY, LOCK_EX }, { O_WRONLY, LOCK_SH } };

enum outsider_family own_family(void)
{
	return shimmed() ? BY_OFD : BY_FLOCK;
}

void bounded_wait(void)
{
	alarm(60);
}

static bool has_open(const char *process, const struct stat *file)
{
	char path[512];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *list;

	snprintf(path, sizeof path, "/proc/%s/fd", process);
	list = opendir(path);
	while (list && !found && (entry = readdir(list)))
		found = !fstatat(dirfd(list), entry->d_name, &st, 0) && st.st_dev == file->st_dev &&
			st.st_ino == file->st_ino;
	if (list)
		closedir(list);
	return found;
}

static bool is_called(const char *process, const char *name)
{
	char path[300], text[32] = "";
	FILE *file;

	snprintf(path, sizeof path, "/proc/%s/comm", process);
	file = fopen(path, "re");
	if (file && !fgets(text, sizeof text, file))
		text[0] = '\0';
	if (file)
		fclose(file);
	return !strncmp(text, name, strlen(name));
}

pid_t user_of(const char *path, const char *name)
{
	struct dirent *entry;
	struct stat file;
	pid_t found = 0;
	DIR *list = opendir("/proc");

	assert_int_equal(stat(path, &file), 0);
	assert_non_null(list);
	while (!found && (entry = readdir(list)))
		if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != getpid() &&
		    is_called(entry->d_name, name) && has_open(entry->d_name, &file))
			found = atoi(entry->d_name);
	closedir(list);
	return found;
}

void await_free(const char *path)
{
	int turn;

	for (turn = 0; turn < TRIES && outsider_try(path, own_family(), LOCK_EX); turn++)
		sched_yield();
	assert_free(path);
}

int status_of(int (*run)(const struct place *place), const struct place *place)
{
	int status;
	pid_t pid = fork();

	assert_return_code(pid, errno);
	if (!pid) {
		bounded_wait();
		_exit(run(place));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
