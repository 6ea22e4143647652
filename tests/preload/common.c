/* SPDX-License-Identifier: MIT
 * Shared by the preload tests. */
#include "tests/preload/common.h"

#include <sched.h>
#include <sys/mount.h>

#define SKIPPED 77

static bool mounts_are_ours;
static const char *scenario_place; /* in a scenario only */
static char self[4096];

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
	char command[256];
	int status;

	/* What a failed test left mounted; nobody else sees it. */
	snprintf(command, sizeof command, "umount -lR %s/* 2>/dev/null; exec rm -rf %s",
		 place->directory, place->directory);
	if (!mounts_are_ours)
		snprintf(command, sizeof command, "exec rm -rf %s", place->directory);
	status = host_command(command);
	free(place);
	return status;
}

int must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	assert_return_code(fd, errno);
	return fd;
}

const char *const *runnable(const char *const argv[])
{
	static const char *all[16];
	size_t count = 1;

	all[0] = getenv("TEST_EMULATOR");
	if (!all[0])
		return argv;
	unsetenv("LD_PRELOAD"); /* the emulator gives it to the program, and can't load it itself */
	while (count < sizeof all / sizeof all[0] - 1 && (all[count] = *argv++))
		count++;
	return all;
}

int host_command(const char *command)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (!pid) {
		unsetenv("LD_PRELOAD");
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid ? status : -1;
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

static _Noreturn void become(const char *const argv[], const char *const environment[], int to,
			     void (*prepare)(void))
{
	dup2(to, 2);
	for (; environment && *environment; environment++)
		putenv((char *)(uintptr_t)*environment);
	if (prepare)
		prepare();
	argv = runnable(argv);
	execv(argv[0], (char **)(uintptr_t)argv);
	_exit(127);
}

int run_prepared(void (*prepare)(void), const char *const argv[], const char *const environment[],
		 char *ret_stderr, size_t room)
{
	int output[2], status;
	size_t used = 0;
	ssize_t got;
	pid_t pid;

	assert_return_code(pipe2(output, O_CLOEXEC), errno);
	pid = fork();
	assert_return_code(pid, errno);
	if (!pid)
		become(argv, environment, output[1], prepare);
	close(output[1]);
	while (used + 1 < room && (got = read(output[0], ret_stderr + used, room - 1 - used)) > 0)
		used += (size_t)got;
	ret_stderr[used] = '\0';
	close(output[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_with(const char *const argv[], const char *const environment[], char *ret_stderr,
	     size_t room)
{
	return run_prepared(NULL, argv, environment, ret_stderr, room);
}

const char *policy_of(const struct place *place, const char *format, ...)
{
	static char variable[160];
	char path[128];
	va_list arguments;
	FILE *file;

	snprintf(path, sizeof path, "%s/policy.conf", place->directory);
	file = fopen(path, "we");
	assert_non_null(file);
	va_start(arguments, format);
	vfprintf(file, format, arguments);
	va_end(arguments);
	assert_int_equal(fclose(file), 0);
	snprintf(variable, sizeof variable, "LOCKSHIM_POLICY=%s", path);
	return variable;
}

static void run_scenario(void **state)
{
	const struct scenario *scenario = *state;
	struct place place;

	snprintf(place.directory, sizeof place.directory, "%s", scenario_place);
	snprintf(place.file, sizeof place.file, "%s/file", scenario_place);
	scenario->run(&place);
}

/* As a test of its own, so that a failure is told. */
void scenario_main(int argc, char **argv, const struct scenario *scenarios)
{
	struct CMUnitTest test = { .test_func = run_scenario };

	if (argc < 3) {
		assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
		return;
	}
	while (scenarios->name && strcmp(scenarios->name, argv[1]))
		scenarios++;
	assert_non_null(scenarios->name);
	mounts_are_ours = true;
	scenario_place = argv[2];
	test.name = scenarios->name;
	test.initial_state = (void *)(uintptr_t)scenarios;
	exit(_cmocka_run_group_tests(scenarios->name, &test, 1, NULL, NULL) ? 1 : 0);
}

static void (*prepare_scenario)(void);

/* The mounts of a scenario go with it, also where it fails. */
static void mounts_then_prepare(void)
{
	if (mounts_are_ours)
		own_mounts(NULL);
	if (prepare_scenario)
		prepare_scenario();
}

void assert_scenario(const char *name, const struct place *place, const char *policy,
		     void (*prepare)(void))
{
	const char *argv[] = { self, name, place->directory, NULL };
	const char *environment[] = { "LOCKSHIM_SET=", policy, NULL };
	static char output[4096];
	int status;

	prepare_scenario = prepare;
	status = run_prepared(mounts_then_prepare, argv, policy ? environment : NULL, output,
			      sizeof output);
	if (status == SKIPPED)
		skip();
	if (status)
		fail_msg("%s: status %d: %s", name, status, output);
}

void skip_here(void)
{
	if (scenario_place)
		exit(SKIPPED);
	skip();
}

void need_no_emulator(const char *why)
{
	if (!getenv("TEST_EMULATOR"))
		return;
	fprintf(stderr, "skipped: under qemu-user %s\n", why);
	skip_here();
}

int own_mounts(void **state)
{
	(void)state;
	mounts_are_ours =
		!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return 0;
}

void need_mounts(void)
{
	if (!mounts_are_ours)
		skip_here();
}

void mount_new(const char *type, const char *at)
{
	need_mounts();
	mkdir(at, 0755);
	if (mount("test", at, type, 0, NULL))
		skip_here();
}
