/* SPDX-License-Identifier: MIT
 * Where a trace may be, and what happens where it can't. Whatever it is, the process lives on. */
#include "tests/trace/traced.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

static void refused(const char *trace, const char *why)
{
	CHECK(!traced_start(trace));
	CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, why));
	traced_write(0, 10);
	CHECK(!trace_name(TRACE_NAME_FILE, 0, 0, "/a"));
	trace_prepare();
	trace_writer_end();
	CHECK(traced_told == 1);
}

static void make_directory(const char *trace, unsigned mode, unsigned user)
{
	CHECK(!mkdir(trace, 0700) && !chmod(trace, mode));
	CHECK(geteuid() || !chown(trace, user, user));
}

static void use_a_link(const char *trace)
{
	CHECK(!symlink("/tmp", trace));
	refused(trace, "symbolic link");
}

static void use_a_file(const char *trace)
{
	CHECK(close(open(trace, O_CREAT | O_WRONLY, 0600)) == 0);
	refused(trace, "no directory");
}

static void use_a_relative_path(const char *trace)
{
	(void)trace;
	refused("trace", "absolute");
}

static void use_a_missing_parent(const char *trace)
{
	refused(traced_path(trace, "below"), "not there");
}

static void use_an_open_one(const char *trace)
{
	make_directory(trace, 0750, geteuid() ? geteuid() : NOBODY);
	CHECK(geteuid() || !seteuid(NOBODY));
	refused(trace, "open to others");
}

static void use_anothers(const char *trace)
{
	traced_skip_unless(!geteuid());
	make_directory(trace, 0700, NOBODY);
	refused(trace, "another user");
}

static void use_one_that_all_may_empty(const char *trace)
{
	traced_skip_unless(!geteuid());
	make_directory(trace, 0777, 0);
	refused(trace, "sticky");
}

static void use_other_metadata(const char *trace)
{
	int fd;

	make_directory(trace, 0700, geteuid());
	fd = open(traced_path(trace, "metadata"), O_CREAT | O_WRONLY, 0600);
	CHECK(write(fd, "/* CTF 1.8 */\n", 14) == 14 && !close(fd));
	CHECK(traced_start(trace));
	traced_write(0, 10);
	CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, "another version"));
}

static void limit_files_to_nothing(const char *trace)
{
	const struct rlimit none = { 100, 100 };

	CHECK(traced_start(trace));
	CHECK(!setrlimit(RLIMIT_FSIZE, &none));
	traced_write(0, 10);
	CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, "ulimit -f"));
}

/* root reads and writes everywhere. */
static void use_one_that_is_closed(const char *trace)
{
	traced_skip_unless(!geteuid());
	make_directory(trace, 0755, 0);
	CHECK(!seteuid(NOBODY));
	refused(trace, "may not be written");
}

static const struct {
	const char *name;
	void (*play)(const char *trace);
} refusals[] = {
	{ "a link", use_a_link },
	{ "a file", use_a_file },
	{ "a relative path", use_a_relative_path },
	{ "no parent", use_a_missing_parent },
	{ "open to others", use_an_open_one },
	{ "another's", use_anothers },
	{ "no sticky bit", use_one_that_all_may_empty },
	{ "closed", use_one_that_is_closed },
	{ "other metadata", use_other_metadata },
	{ "no file size", limit_files_to_nothing },
};

static void test_trace_writer_refuses_places(void **state)
{
	char directory[512];

	CHECK(!chmod(*state, 0755));
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		snprintf(directory, sizeof directory, "%s/%zu", (char *)*state, i);
		assert_int_equal(mkdir(directory, 0755), 0);
		if (!geteuid() || (refusals[i].play != use_anothers &&
				   refusals[i].play != use_one_that_all_may_empty &&
				   refusals[i].play != use_one_that_is_closed))
			traced_play(directory, refusals[i].play);
	}
}

/* The administrator's directory has one for each user. */
static void share_with_users(const char *trace)
{
	int child;

	traced_skip_unless(!geteuid());
	make_directory(trace, 01777, 0);
	CHECK(traced_start(trace));
	traced_write(0, 3);
	trace_prepare();
	CHECK(!setuid(NOBODY));
	traced_write(3, 1);
	child = fork();
	if (!child) {
		traced_write(4, 5);
		_exit(traced_told);
	}
	CHECK(!traced_wait(child) && !traced_told);
}

static void test_trace_writer_gives_each_user_a_directory(void **state)
{
	assert_int_equal(chmod(*state, 0755), 0);
	traced_play(*state, share_with_users);
	assert_int_equal(traced_assert(traced_path(*state, "trace/0"))->events_count, 4);
	assert_int_equal(traced_assert(traced_path(*state, "trace/65534"))->events_count, 5);
}

static void *write_as_nobody(void *arg)
{
	traced_write(1, 1);
	return arg;
}

static void come_as_nobody(const char *trace)
{
	pthread_t thread;

	traced_skip_unless(!geteuid());
	make_directory(trace, 01777, 0);
	CHECK(traced_start(trace));
	traced_write(0, 1);
	CHECK(!setuid(NOBODY));
	CHECK(!pthread_create(&thread, NULL, write_as_nobody, NULL) && !pthread_join(thread, NULL));
	CHECK(!traced_told);
}

static void test_trace_writer_follows_a_change_of_user(void **state)
{
	assert_int_equal(chmod(*state, 0755), 0);
	traced_play(*state, come_as_nobody);
	assert_int_equal(traced_assert(traced_path(*state, "trace/0"))->events_count, 1);
	assert_int_equal(traced_assert(traced_path(*state, "trace/65534"))->events_count, 1);
}

static void limit_files(const char *trace)
{
	const struct rlimit limit = { 50000, 50000 };

	CHECK(!setrlimit(RLIMIT_FSIZE, &limit));
	CHECK(traced_start(trace));
	traced_write(0, 1000);
	CHECK(trace_on() && traced_told == 1 && strstr(traced_why, "full"));
	trace_writer_end();
}

static void assert_limited(const char *directory)
{
	const struct traced *traced = traced_assert(traced_path(directory, "trace"));

	assert_in_range(traced->events_count, 400, 450);
	assert_int_equal(traced->events_count + traced->discarded, 1000);
}

static void test_trace_writer_keeps_to_the_limit_of_files(void **state)
{
	traced_play(*state, limit_files);
	assert_limited(*state);
}

static void test_trace_writer_keeps_to_the_limit_of_files_on_old_kernels(void **state)
{
	traced_play_on_old_kernel(*state, limit_files);
	assert_limited(*state);
}

static void limit_descriptors(const char *trace)
{
	struct rlimit limit;
	rlim_t before;

	CHECK(traced_start(trace));
	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	before = limit.rlim_cur;
	limit.rlim_cur = 1;
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	traced_write(0, 100);
	CHECK(trace_on());
	limit.rlim_cur = before;
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	traced_write(100, 100);
	CHECK(trace_on() && !traced_told);
}

static void test_trace_writer_does_without_descriptors_for_a_time(void **state)
{
	const struct traced *traced;

	traced_play(*state, limit_descriptors);
	traced = traced_assert(traced_path(*state, "trace"));
	assert_int_equal(traced->events_count + traced->discarded, 200);
	assert_true(traced->events_count >= 72); /* tried again after 128 */
}

static void limit_descriptors_for_good(const char *trace)
{
	struct rlimit limit;

	CHECK(traced_start(trace));
	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 1;
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	traced_write(0, 100000);
	CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, "descriptor"));
}

static void test_trace_writer_says_that_it_got_no_descriptor(void **state)
{
	traced_play(*state, limit_descriptors_for_good);
}

/* Locked memory must not become the whole file. */
static void lock_memory(const char *trace)
{
	char line[128];
	long locked = -1;
	FILE *status;

	traced_skip_unless(!mlockall(MCL_FUTURE));
	status = fopen("/proc/self/status", "r");
	CHECK(status && traced_start(trace));
	traced_write(0, 1000);
	while (fgets(line, sizeof line, status))
		if (sscanf(line, "VmLck: %ld", &locked) == 1)
			break;
	traced_skip_unless(locked > 0); /* an emulator's */
	CHECK(locked < 100 << 10);
	trace_writer_end();
}

static void test_trace_writer_locks_no_memory(void **state)
{
	traced_play(*state, lock_memory);
	assert_int_equal(traced_assert(traced_path(*state, "trace"))->events_count, 1000);
}

static void mount_small(const char *trace)
{
	traced_skip_unless(!geteuid() && !unshare(CLONE_NEWNS) &&
			   !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mkdir(trace, 0700));
	traced_skip_unless(!mount("small", trace, "tmpfs", 0, "size=256k,mode=700"));
}

static void fill_file_system(const char *trace)
{
	const struct traced *traced;

	mount_small(trace);
	CHECK(traced_start(trace));
	CHECK(trace_name(TRACE_NAME_FILE, 0, 0, "/a"));
	traced_write(0, 10000);
	CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, "no room"));
	trace_writer_end();
	traced = traced_read(trace);
	CHECK(traced && traced->events_count > 500 && traced->events_count < 2400);
	CHECK(traced_by_babeltrace(trace) < 0 ||
	      traced_by_babeltrace(trace) == (long)traced->events_count + 1);
}

static void test_trace_writer_survives_a_full_file_system(void **state)
{
	if (traced_is_emulated())
		skip();
	traced_play(*state, fill_file_system);
}

static void test_trace_writer_survives_a_full_file_system_on_old_kernels(void **state)
{
	traced_play_on_old_kernel(*state, fill_file_system);
}

static void begin_on_full_file_system(const char *trace)
{
	char zeros[4096] = { 0 };
	int fd;

	mount_small(trace);
	CHECK(traced_start(trace));
	fd = open(traced_path(trace, "metadata.not"), O_CREAT | O_WRONLY, 0600);
	while (write(fd, zeros, sizeof zeros) > 0)
		;
	traced_write(0, 10);
	CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, "no room"));
}

static void test_trace_writer_survives_a_file_system_that_is_full(void **state)
{
	traced_play(*state, begin_on_full_file_system);
}

static void move_away(const char *trace)
{
	CHECK(traced_start(trace));
	CHECK(!rename(trace, traced_path(trace, "../away")) && !mkdir(trace, 0700));
	traced_write(0, 10);
	CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, "not the directory"));
}

static void test_trace_writer_knows_its_directory(void **state)
{
	traced_play(*state, move_away);
}

static void change_root(const char *trace)
{
	int child;

	traced_skip_unless(!geteuid());
	CHECK(traced_start(trace));
	CHECK(!mkdir(traced_path(trace, "../jail"), 0755));
	trace_prepare();
	CHECK(!chroot(traced_path(trace, "../jail")) && !chdir("/"));
	traced_write(0, 5000);
	CHECK(trace_name(TRACE_NAME_FILE, 0, 0, "/a"));
	child = fork();
	if (!child) {
		traced_write(0, 10);
		CHECK(!trace_on() && traced_told == 1 && strstr(traced_why, "not there"));
		_exit(0);
	}
	CHECK(!traced_wait(child));
	trace_writer_end();
	traced_write(5000, 5000);
	CHECK(trace_on() && !traced_told);
}

static void test_trace_writer_goes_on_in_another_root(void **state)
{
	traced_play(*state, change_root);
	assert_int_equal(traced_assert(traced_path(*state, "trace"))->events_count, 10000);
}

static void test_trace_writer_goes_on_in_another_root_on_old_kernels(void **state)
{
	traced_play_on_old_kernel(*state, change_root);
	assert_int_equal(traced_assert(traced_path(*state, "trace"))->events_count, 10000);
}

static void change_user(const char *trace)
{
	int child;

	traced_skip_unless(!geteuid());
	CHECK(traced_start(trace));
	trace_prepare();
	CHECK(!setgid(NOBODY) && !setuid(NOBODY));
	traced_write(0, 5000);
	child = fork();
	if (!child) {
		traced_write(0, 10);
		CHECK(!trace_on() && traced_told == 1 && traced_why);
		_exit(0);
	}
	CHECK(!traced_wait(child) && trace_on());
}

static void test_trace_writer_goes_on_as_another_user(void **state)
{
	traced_play(*state, change_user);
	assert_int_equal(traced_assert(traced_path(*state, "trace"))->events_count, 5000);
}

static void lose_descriptors_never(const char *trace)
{
	int before = dup(0), after;

	CHECK(traced_start(trace));
	traced_write(0, 1000);
	CHECK(trace_name(TRACE_NAME_FILE, 0, 0, "/a"));
	trace_prepare();
	trace_writer_end();
	close(before);
	after = dup(0);
	CHECK(before == after && fcntl(after + 1, F_GETFD) < 0);
}

static void test_trace_writer_holds_no_descriptor(void **state)
{
	traced_play(*state, lose_descriptors_never);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		traced_test(test_trace_writer_refuses_places),
		traced_test(test_trace_writer_gives_each_user_a_directory),
		traced_test(test_trace_writer_follows_a_change_of_user),
		traced_test(test_trace_writer_keeps_to_the_limit_of_files),
		traced_test(test_trace_writer_keeps_to_the_limit_of_files_on_old_kernels),
		traced_test(test_trace_writer_does_without_descriptors_for_a_time),
		traced_test(test_trace_writer_says_that_it_got_no_descriptor),
		traced_test(test_trace_writer_locks_no_memory),
		traced_test(test_trace_writer_survives_a_full_file_system),
		traced_test(test_trace_writer_survives_a_full_file_system_on_old_kernels),
		traced_test(test_trace_writer_survives_a_file_system_that_is_full),
		traced_test(test_trace_writer_knows_its_directory),
		traced_test(test_trace_writer_goes_on_in_another_root),
		traced_test(test_trace_writer_goes_on_in_another_root_on_old_kernels),
		traced_test(test_trace_writer_goes_on_as_another_user),
		traced_test(test_trace_writer_holds_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
