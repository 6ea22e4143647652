/* SPDX-License-Identifier: MIT
 * The log of a preloaded program: which calls get a line, what it says, where it goes. */
#include "tests/preload/common.h"

#define need_shim()                                                                                \
	do {                                                                                       \
		if (!shimmed())                                                                    \
			skip();                                                                    \
	} while (0)

#define TEXT_ROOM (1 << 20)
#define LOG "log-to = %s/log\n"
#define TIME "0123456789. ms" /* "1.204 ms", "61.002 s" */

static void text_of(const struct place *place, const char *name, char *into)
{
	char path[128];
	ssize_t len = 0;
	int fd;

	snprintf(path, sizeof path, "%s/%s", place->directory, name);
	fd = open(path, O_RDONLY);
	if (fd >= 0)
		len = read(fd, into, TEXT_ROOM - 1);
	close(fd);
	assert_in_range(len, 0, TEXT_ROOM - 2);
	into[len] = '\0';
}

/* Puts AS in the place of FROM and of all that is MORE behind it, at the first place. */
static bool replace(char *text, const char *from, const char *more, const char *as)
{
	char *at = strstr(text, from), *end;

	if (!at)
		return false;
	end = at + strlen(from) + strspn(at + strlen(from), more);
	memmove(at + strlen(as), end, strlen(end) + 1);
	memcpy(at, as, strlen(as));
	return true;
}

/* The lines without what differs each time: who and when at the beginning, how long, where. */
static const char *lines_of(const struct place *place)
{
	static char text[TEXT_ROOM], lines[TEXT_ROOM];
	char *to = lines;

	text_of(place, "log", text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		const char *call = strstr(line, "] ");

		assert_true(call && !strncmp(line, "lockshim: ", 10));
		to += sprintf(to, "%s\n", call + 2);
	}
	*to = '\0';
	while (replace(lines, ", held ", TIME, ", HELD"))
		;
	while (replace(lines, ", waited ", TIME, ", WAITED"))
		;
	while (replace(lines, place->directory, "", "@"))
		;
	return lines;
}

static int open_file(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);

	assert_int_equal(dup2(fd, 30), 30);
	close(fd);
	return 30;
}

static void lock_and_unlock(const struct place *place)
{
	int fd = open_file(place), other = must_open(place->file, O_RDWR);

	assert_int_equal(dup2(other, 31), 31);
	close(other);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(flock(31, LOCK_SH | LOCK_NB), -1);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(lockf(31, F_TLOCK, 7), 0);
	close(31);
}

static const char all_lines[] = "flock(30<@/file>, LOCK_EX) = 0 as OFD, rule a\n"
				"flock(31<@/file>, LOCK_SH|LOCK_NB) = -1 EAGAIN, rule a\n"
				"flock(30<@/file>, LOCK_UN) = 0 as OFD, HELD, rule a\n"
				"lockf(31<@/file>, F_TLOCK, 7) = 0, rule a\n"
				"close(31<@/file>) = 0 lets go of POSIX, HELD, rule a\n";

static void test_preload_log_has_a_line_a_call(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario(
		"lock_and_unlock", place,
		policy_of(place, "[rule a]\nflock = ofd\nlog = all\n" LOG, place->directory), NULL);
	assert_string_equal(lines_of(place), all_lines);
}

static void test_preload_log_of_errors_alone(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario(
		"lock_and_unlock", place,
		policy_of(place, "[rule a]\nflock = ofd\nlog = errors\n" LOG, place->directory),
		NULL);
	assert_string_equal(lines_of(place),
			    "flock(31<@/file>, LOCK_SH|LOCK_NB) = -1 EAGAIN, rule a\n");
}

static void test_preload_log_heeds_the_rules(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario("lock_and_unlock", place,
			policy_of(place,
				  "[rule quiet]\npath = %s/file\nflock = ofd\n"
				  "[rule a]\nlog = all\n" LOG,
				  place->directory, place->directory),
			NULL);
	assert_string_equal(lines_of(place), "");
}

/* The variable lies under the rules' log and over their log-to. */
static void test_preload_log_by_the_variable(void **state)
{
	const struct place *place = *state;
	char log[128];

	need_shim();
	snprintf(log, sizeof log, "%s/log", place->directory);
	setenv("LOCKSHIM_LOG", log, 1);
	assert_scenario("lock_and_unlock", place,
			policy_of(place, "[rule a]\nflock = ofd\nlog-to = syslog\n"), NULL);
	assert_string_equal(lines_of(place), all_lines);
	assert_int_equal(truncate(log, 0), 0);
	assert_scenario("lock_and_unlock", place,
			policy_of(place, "[rule a]\nflock = ofd\nlog = no\n"), NULL);
	assert_string_equal(lines_of(place), "");
	unsetenv("LOCKSHIM_LOG");
}

/* It is said once, and the locks are as ever. */
static void test_preload_log_to_nowhere(void **state)
{
	const struct place *place = *state;

	need_shim();
	setenv("LOCKSHIM_LOG", "relative/path", 1);
	assert_scenario("lock_and_unlock", place, policy_of(place, "[rule a]\nflock = ofd\n"),
			NULL);
	setenv("LOCKSHIM_LOG", "/nonexistent/x", 1);
	assert_scenario("lock_and_unlock", place, policy_of(place, "[rule a]\nflock = ofd\n"),
			NULL);
	unsetenv("LOCKSHIM_LOG");
}

static void wait_for_it(const struct place *place)
{
	struct outsider holder = outsider_hold(place->file, BY_OFD, LOCK_EX);
	int fd = open_file(place), status;
	pid_t child = fork();

	if (!child)
		_exit(flock(fd, LOCK_EX) || flock(fd, LOCK_UN));
	outsider_await_waiter(place->file);
	outsider_stop(&holder);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
}

/* Whoever waited has a line when it begins to, when it got the lock, and when it lets go. */
static void test_preload_log_of_who_waits(void **state)
{
	const struct place *place = *state;
	const char *lines, *begun, *granted, *let_go;

	need_shim();
	assert_scenario(
		"wait_for_it", place,
		policy_of(place, "[rule a]\nflock = ofd\nlog = contended\n" LOG, place->directory),
		NULL);
	lines = lines_of(place);
	begun = strstr(lines, "flock(30<@/file>, LOCK_EX <unfinished ...>");
	granted = strstr(lines, "flock(30<@/file>, LOCK_EX) = 0 as OFD, WAITED, rule a\n");
	let_go = strstr(lines, "flock(30<@/file>, LOCK_UN) = 0 as OFD, HELD, rule a\n");
	assert_ptr_equal(begun, lines);
	assert_true(begun < granted && granted < let_go);
	assert_null(strstr(let_go, "LOCK_EX"));
}

/* A file of the program's on 2, and a pipe on 1. */
static void lock_with_other_numbers(const struct place *place)
{
	char data[128];
	int fd = open_file(place);

	snprintf(data, sizeof data, "%s/data", place->directory);
	close(2);
	assert_int_equal(open(data, O_RDWR | O_CREAT | O_APPEND, 0600), 2);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(flock(fd, LOCK_EX), 0);
		assert_int_equal(flock(fd, LOCK_UN), 0);
	}
	_exit(0);
}

static int out;

static void give_output(void)
{
	dup2(out, 1);
}

static void test_preload_log_never_goes_into_the_programs_files(void **state)
{
	const struct place *place = *state;
	static char text[TEXT_ROOM];
	char path[128];

	need_shim();
	snprintf(path, sizeof path, "%s/output", place->directory);
	out = must_open(path, O_WRONLY | O_CREAT | O_APPEND);
	assert_scenario("lock_with_other_numbers", place,
			policy_of(place, "[rule a]\nflock = ofd\nlog = all\n"), give_output);
	close(out);
	text_of(place, "data", text);
	assert_string_equal(text, "");
	text_of(place, "output", text);
	assert_null(strstr(text, "lockshim: "));
}

/* Whoever chose the name wrote no line. */
static void lock_a_forged_name(const struct place *place)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/x>, LOCK_EX) = 0\nlockshim: ", place->directory);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(dup2(fd, 30), 30);
	assert_int_equal(flock(30, LOCK_EX), 0);
	assert_int_equal(unlink(path), 0);
}

static void test_preload_log_of_a_forged_name(void **state)
{
	const struct place *place = *state;

	need_shim();
	assert_scenario(
		"lock_a_forged_name", place,
		policy_of(place, "[rule a]\nflock = ofd\nlog = all\n" LOG, place->directory), NULL);
	assert_ptr_equal(strstr(lines_of(place),
				"flock(30<@/x\\076, LOCK_EX) = 0\\012lockshim: >, LOCK_EX) = 0"),
			 lines_of(place));
}

static void lock_in_children(const struct place *place)
{
	int status;

	for (int i = 0; i < 4; i++)
		if (!fork()) {
			int fd = open_file(place);

			for (int j = 0; j < 40; j++)
				if (flock(fd, LOCK_EX) || flock(fd, LOCK_UN))
					_exit(1);
			_exit(0);
		}
	for (int i = 0; i < 4; i++)
		assert_true(wait(&status) > 0 && !status);
}

static void test_preload_log_of_children_has_whole_lines(void **state)
{
	const struct place *place = *state;
	unsigned count = 0;

	need_shim();
	assert_scenario(
		"lock_in_children", place,
		policy_of(place, "[rule a]\nflock = ofd\nlog = errors\n" LOG, place->directory),
		NULL);
	assert_string_equal(lines_of(place), "");
	assert_scenario("lock_in_children", place,
			policy_of(place, "[rule a]\nlog = all\n" LOG, place->directory), NULL);
	for (const char *line = lines_of(place); *line; line = strchr(line, '\n') + 1, count++)
		assert_int_equal(strncmp(line, "flock(30<@/file>, LOCK_", 23), 0);
	assert_in_range(count, 4 * 80, 4 * 80 + 4 * 40);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = {
		{ "lock_and_unlock", lock_and_unlock },
		{ "wait_for_it", wait_for_it },
		{ "lock_with_other_numbers", lock_with_other_numbers },
		{ "lock_a_forged_name", lock_a_forged_name },
		{ "lock_in_children", lock_in_children },
		{ NULL, NULL },
	};
	const struct CMUnitTest tests[] = {
		place_test(test_preload_log_has_a_line_a_call),
		place_test(test_preload_log_of_errors_alone),
		place_test(test_preload_log_heeds_the_rules),
		place_test(test_preload_log_by_the_variable),
		place_test(test_preload_log_to_nowhere),
		place_test(test_preload_log_of_who_waits),
		place_test(test_preload_log_never_goes_into_the_programs_files),
		place_test(test_preload_log_of_a_forged_name),
		place_test(test_preload_log_of_children_has_whole_lines),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
