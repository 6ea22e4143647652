/* SPDX-License-Identifier: MIT
 * Where no keeper can be had a request is answered as under open-mode = fail: EBADF, nothing held,
 * nothing lost. And where it can be had although it seems hard. */
#include "tests/preload/keeper_find.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NOBODY 65534

/* What the limit is put on: a new process, after it has opened. */
struct attempt {
	const char *path;
	const struct kept *how;
	void (*limit)(void);
};

static int answer(const struct attempt *attempt)
{
	int fd = open(attempt->path, attempt->how->flags | O_CLOEXEC);

	if (fd < 0)
		return 200;
	bounded_wait();
	if (attempt->limit)
		attempt->limit();
	return flock(fd, attempt->how->operation | LOCK_NB) ? errno : 0;
}

static int answer_of(const struct attempt *attempt)
{
	int status;
	pid_t pid = fork();

	assert_return_code(pid, errno);
	if (!pid)
		_exit(answer(attempt));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void assert_answers(const char *path, void (*limit)(void), int expected)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct attempt attempt = { path, &kept[i], limit };

		assert_int_equal(answer_of(&attempt), shimmed() ? expected : 0);
		await_free(path);
	}
}

static void refuse(const int *numbers, size_t count)
{
	struct sock_filter filter[16] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) };
	struct sock_fprog program = { .filter = filter };
	size_t i, at = 1;

	for (i = 0; i < count; i++) {
		filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							    (unsigned)numbers[i], 0, 1);
		filter[at++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)at;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(201);
}

static void refuse_clone(void)
{
	const int numbers[] = { SYS_clone };

	refuse(numbers, 1);
}

static void refuse_execve(void)
{
	const int numbers[] = { SYS_execve };

	refuse(numbers, 1);
}

static void test_preload_keeper_sandbox_without_clone(void **state)
{
	assert_answers(((const struct place *)*state)->file, refuse_clone, EBADF);
}

static void test_preload_keeper_sandbox_without_execve(void **state)
{
	assert_answers(((const struct place *)*state)->file, refuse_execve, EBADF);
}

static void become_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		_exit(202);
}

static void one_process(void)
{
	const struct rlimit limit = { 1, 1 };

	become_nobody();
	if (setrlimit(RLIMIT_NPROC, &limit))
		_exit(203);
}

static void need_root(void)
{
	if (geteuid())
		skip_here();
}

static void test_preload_keeper_no_process_left(void **state)
{
	const struct place *place = *state;
	pid_t other;

	need_root();
	assert_int_equal(chmod(place->directory, 0755) | chmod(place->file, 0666), 0);
	other = fork();
	if (!other) {
		become_nobody();
		for (;;)
			pause();
	}
	assert_answers(place->file, one_process, EBADF);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, NULL, 0), other);
}

/* Only the reader: nobody could have opened it for writing. */
static void test_preload_keeper_file_of_another(void **state)
{
	const struct place *place = *state;
	const struct attempt attempt = { place->file, &kept[0], become_nobody };

	need_root();
	assert_int_equal(chmod(place->directory, 0755) | chmod(place->file, 0444), 0);
	assert_int_equal(answer_of(&attempt), shimmed() ? EBADF : 0);
	await_free(place->file);
}

static void lock_on_a_read_only_mount(const struct place *place)
{
	char at[128], path[160];
	int fd;

	snprintf(at, sizeof at, "%s/mount", place->directory);
	snprintf(path, sizeof path, "%s/file", at);
	mount_new("tmpfs", at);
	close(must_open(path, O_RDWR | O_CREAT));
	if (mount(NULL, at, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
		skip_here();
	fd = must_open(path, O_RDONLY);
	errno = 0;
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), shimmed() ? -1 : 0);
	assert_int_equal(errno, shimmed() ? EBADF : 0);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
}

static void test_preload_keeper_read_only_mount(void **state)
{
	need_mounts();
	assert_scenario("read-only mount", *state, "LOCKSHIM_SET=flock=ofd", NULL);
}

static void take_proc_away(void)
{
	if (umount2("/proc", MNT_DETACH))
		_exit(77);
}

static void lock_without_a_keeper(const struct place *place)
{
	assert_answers(place->file, NULL, EBADF);
}

static void test_preload_keeper_no_proc(void **state)
{
	need_mounts();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#endif
	assert_scenario("no keeper", *state, "LOCKSHIM_SET=flock=ofd", take_proc_away);
}

/* The library alone, in another place. */
static char alone[4096];

static void copy_library(const struct place *place)
{
	const char *preload = getenv("TEST_PRELOAD"), *library = strrchr(preload, ':');
	char command[4096 + 300];

	library = library ? library + 1 : preload;
	snprintf(command, sizeof command, "cp '%s' '%s/alone.so'", library, place->directory);
	assert_int_equal(host_command(command), 0);
	snprintf(alone, sizeof alone, "LD_PRELOAD=%.*s%s/alone.so", (int)(library - preload),
		 preload, place->directory);
}

static void preload_it_alone(void)
{
	putenv(alone);
}

static void ask_twice(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY);

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EBADF);
}

static void test_preload_keeper_program_is_missing(void **state)
{
	const struct place *place = *state;

	if (!shimmed())
		skip();
	copy_library(place);
	assert_scenario("no keeper", place, "LOCKSHIM_SET=flock=ofd", preload_it_alone);
	assert_scenario("keeps shared", place, "LOCKSHIM_SET=flock=ofd", preload_it_alone);
}

/* A refused request is one that was not made. */
static void keep_the_shared_lock(const struct place *place)
{
	int fd = must_open(place->file, O_RDONLY);

	assert_int_equal(flock(fd, LOCK_SH), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EBADF);
	assert_held(place->file, LOCK_SH);
}

/* More than one request, one file. */
static void test_preload_keeper_failure_is_said_once(void **state)
{
	const struct place *place = *state;
	const char *argv[] = { "/proc/self/exe", "asks twice", place->directory, NULL };
	const char *environment[] = { "LOCKSHIM_DEBUG=1", NULL };
	static char output[8192];
	const char *said;

	if (!shimmed())
		skip();
	copy_library(place);
	assert_int_equal(run_prepared(preload_it_alone, argv, environment, output, sizeof output),
			 0);
	said = strstr(output, "EBADF");
	assert_non_null(said);
	assert_null(strstr(said + 1, "EBADF"));
}

/* A program that runs can't be opened for writing. */
static void test_preload_keeper_of_a_running_program(void **state)
{
	const struct place *place = *state;
	const struct attempt attempt = { place->file, &kept[0], NULL };
	int in[2], out[2];
	char command[300], word;
	pid_t pid;

	snprintf(command, sizeof command, "cp /bin/cat %s && chmod +x %s", place->file,
		 place->file);
	assert_int_equal(host_command(command), 0);
	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl(place->file, "cat", (char *)NULL);
		_exit(1);
	}
	assert_int_equal(write(in[1], "x", 1), 1);
	assert_int_equal(read(out[0], &word, 1), 1);
	assert_int_equal(answer_of(&attempt), shimmed() ? EBADF : 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
}

static void fill_descriptors(void)
{
	const struct rlimit limit = { 64, 64 };

	setrlimit(RLIMIT_NOFILE, &limit);
	while (dup(0) >= 0)
		;
}

static void test_preload_keeper_no_descriptor_free(void **state)
{
	assert_answers(((const struct place *)*state)->file, fill_descriptors, 0);
}

static int repeat_without_descriptors(const struct place *place)
{
	int fd = open(place->file, O_RDONLY | O_CLOEXEC);

	if (flock(fd, LOCK_EX))
		return errno;
	fill_descriptors();
	if (flock(fd, LOCK_EX | LOCK_NB) || flock(fd, LOCK_SH | LOCK_NB))
		return errno;
	return flock(fd, LOCK_UN) ? errno : 0;
}

static void test_preload_keeper_no_descriptor_free_later(void **state)
{
	const struct place *place = *state;

	assert_int_equal(status_of(repeat_without_descriptors, place), 0);
	await_free(place->file);
}

static int lock_in_a_new_pid_namespace(const struct place *place)
{
	int fd = open(place->file, O_RDONLY | O_CLOEXEC), status;
	pid_t pid;

	if (unshare(CLONE_NEWPID))
		return 77;
	pid = fork();
	if (!pid)
		_exit(flock(fd, LOCK_EX) ? errno
					 : outsider_try(place->file, own_family(), LOCK_SH));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static void test_preload_keeper_in_a_pid_namespace(void **state)
{
	const struct place *place = *state;
	int status = status_of(lock_in_a_new_pid_namespace, place);

	if (status == 77)
		skip();
	assert_int_equal(status, EAGAIN);
	await_free(place->file);
}

/* The first process of the namespace is the host's to choose; while it is there, others can be. */
static int lock_and_then_fork(const struct place *place)
{
	int fd = open(place->file, O_RDONLY | O_CLOEXEC), i, result;
	pid_t pids[2];

	if (unshare(CLONE_NEWPID))
		return 77;
	result = flock(fd, LOCK_EX) && errno != EBADF ? 1 : 0;
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i])
			for (;;)
				pause();
		result = pids[i] < 0 ? 2 : result;
	}
	for (i = 1; i >= 0; i--)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	return result;
}

static void test_preload_keeper_leaves_a_new_namespace_alone(void **state)
{
	int status = status_of(lock_and_then_fork, *state);

	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "read-only mount", lock_on_a_read_only_mount },
		{ "no keeper", lock_without_a_keeper },
		{ "keeps shared", keep_the_shared_lock },
		{ "asks twice", ask_twice },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_keeper_sandbox_without_clone),
		place_test(test_preload_keeper_sandbox_without_execve),
		place_test(test_preload_keeper_no_process_left),
		place_test(test_preload_keeper_file_of_another),
		place_test(test_preload_keeper_read_only_mount),
		place_test(test_preload_keeper_no_proc),
		place_test(test_preload_keeper_program_is_missing),
		place_test(test_preload_keeper_failure_is_said_once),
		place_test(test_preload_keeper_of_a_running_program),
		place_test(test_preload_keeper_no_descriptor_free),
		place_test(test_preload_keeper_no_descriptor_free_later),
		place_test(test_preload_keeper_in_a_pid_namespace),
		place_test(test_preload_keeper_leaves_a_new_namespace_alone),
	};

	scenario_main(argc, argv, scenarios);
	if (getenv("TEST_EMULATOR"))
		return 77;
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
