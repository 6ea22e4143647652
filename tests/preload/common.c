/* SPDX-License-Identifier: MIT
 * Shared by the preload tests. */
#include "tests/preload/common.h"

extern char **environ;

bool shimmed(void)
{
	return getenv("TEST_PRELOAD") != NULL;
}

int place_make(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	if (!place)
		return -1;
	strcpy(place->directory, "/tmp/lockshim-test-XXXXXX");
	if (!mkdtemp(place->directory))
		return -1;
	snprintf(place->file, sizeof place->file, "%s/file", place->directory);
	close(must_open(place->file, O_RDWR | O_CREAT));
	*state = place;
	return 0;
}

int place_remove(void **state)
{
	struct place *place = *state;
	char command[128];
	int status;

	snprintf(command, sizeof command, "exec rm -rf %s", place->directory);
	status = system(command);
	free(place);
	return status;
}

int must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	assert_return_code(fd, errno);
	return fd;
}

void assert_held(const char *path, int operation)
{
	enum outsider_family own = shimmed() ? BY_OFD : BY_FLOCK;

	assert_int_equal(outsider_try(path, own, LOCK_EX), EAGAIN);
	assert_int_equal(outsider_try(path, own, LOCK_SH), operation == LOCK_EX ? EAGAIN : 0);
}

void assert_free(const char *path)
{
	assert_int_equal(outsider_try(path, BY_OFD, LOCK_EX), 0);
	assert_int_equal(outsider_try(path, BY_FLOCK, LOCK_EX), 0);
}

static _Noreturn void become(const char *const argv[], const char *const environment[], int to)
{
	dup2(to, 2);
	for (; environment && *environment; environment++)
		putenv((char *)(uintptr_t)*environment);
	execv(argv[0], (char **)(uintptr_t)argv);
	_exit(127);
}

int run_with(const char *const argv[], const char *const environment[], char *ret_stderr,
	     size_t room)
{
	int output[2], status;
	size_t used = 0;
	ssize_t got;
	pid_t pid;

	assert_return_code(pipe2(output, O_CLOEXEC), errno);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid)
		become(argv, environment, output[1]);
	close(output[1]);
	while (used + 1 < room && (got = read(output[0], ret_stderr + used, room - 1 - used)) > 0)
		used += (size_t)got;
	ret_stderr[used] = '\0';
	close(output[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
