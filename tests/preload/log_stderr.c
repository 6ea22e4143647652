/* SPDX-License-Identifier: MIT
 * A log on standard error: while it is that, and never at the program's cost. */
#include "tests/preload/log_acts.h"

#include <poll.h>
#include <sys/socket.h>

static int ends[2];

static void make_pipe(void)
{
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static const char *text_of_pipe(void)
{
	static char text[LOG_TEXT_ROOM];
	size_t used = 0;
	ssize_t len;

	close(ends[1]);
	while ((len = read(ends[0], text + used, sizeof text - 1 - used)) > 0)
		used += (size_t)len;
	close(ends[0]);
	text[used] = '\0';
	return text;
}

static void start_on(int fd)
{
	must(dup2(fd, 2) == 2);
	log_start("stderr");
}

static void log_to_pipe(const struct place *place)
{
	(void)place;
	start_on(ends[1]);
	log_some(3, "/x");
}

static void test_log_writes_to_standard_error(void **state)
{
	unsigned left_out = 0;

	make_pipe();
	log_in_process(log_to_pipe, *state);
	assert_int_equal(log_count(text_of_pipe(), &left_out), 3);
}

static void log_by_default(const struct place *place)
{
	(void)place;
	must(dup2(ends[1], 2) == 2);
	log_start(NULL);
	log_some(1, "/x");
}

static void test_log_goes_to_standard_error_by_default(void **state)
{
	unsigned left_out = 0;

	make_pipe();
	log_in_process(log_by_default, *state);
	assert_int_equal(log_count(text_of_pipe(), &left_out), 1);
}

/* The program closes 2, and its next file gets the number. */
static void log_after_reuse(const struct place *place)
{
	start_on(ends[1]);
	close(2);
	must(open(place->file, O_RDWR | O_APPEND) == 2);
	log_some(3, "/x");
}

static void log_after_close(const struct place *place)
{
	start_on(ends[1]);
	close(2);
	(void)place;
	log_some(3, "/x");
	errno = EMLINK;
}

/* A file of the program's own on 2 from the beginning: messages are never redirected so. */
static void log_to_data(const struct place *place)
{
	start_on(open(place->file, O_RDWR));
	must(!log_on());
	log_some(3, "/x");
}

static void log_to_input(const struct place *place)
{
	start_on(open(place->file, O_RDONLY));
	must(!log_on());
	log_some(3, "/x");
}

static void test_log_never_writes_into_the_programs_files(void **state)
{
	static void (*const acts[])(const struct place *place) = { log_after_reuse, log_after_close,
								   log_to_data, log_to_input };
	const struct place *place = *state;

	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		make_pipe();
		log_in_process(acts[i], place);
		assert_string_equal(text_of_pipe(), "");
		assert_string_equal(log_text_of(place->file), "");
	}
}

static void log_with_output(const struct place *place)
{
	(void)place;
	must(dup2(ends[1], 1) == 1);
	close(2);
	log_start("stderr");
	log_some(3, "/x");
	errno = EMLINK;
}

static void test_log_never_writes_to_standard_output(void **state)
{
	make_pipe();
	log_in_process(log_with_output, *state);
	assert_string_equal(text_of_pipe(), "");
}

/* Under inetd 0, 1 and 2 are the connection; a service manager's socket is not 0. */
static void log_to_connection(const struct place *place)
{
	(void)place;
	must(dup2(ends[1], 0) == 0);
	start_on(ends[1]);
	must(!log_on());
	log_some(3, "/x");
}

static void test_log_knows_a_connection(void **state)
{
	unsigned left_out = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	log_in_process(log_to_connection, *state);
	assert_string_equal(text_of_pipe(), "");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	log_in_process(log_to_pipe, *state);
	assert_int_equal(log_count(text_of_pipe(), &left_out), 3);
}

static void fill(int fd)
{
	static const char bytes[4096];
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	while (write(fd, bytes, sizeof bytes) > 0)
		;
	fcntl(fd, F_SETFL, flags);
}

static void drain(int fd)
{
	static char bytes[1 << 20];

	do
		must(read(fd, bytes, sizeof bytes) > 0);
	while (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0) > 0);
}

/* Whoever would wait here waits for the alarm. */
static void log_to_full(const struct place *place)
{
	char text[4096];
	unsigned left_out = 0;

	(void)place;
	fill(ends[1]);
	start_on(ends[1]);
	errno = EMLINK;
	log_some(5, "/x");
	drain(ends[0]);
	errno = EMLINK;
	log_some(1, "/x");
	text[read(ends[0], text, sizeof text - 1)] = '\0';
	must(log_count(text, &left_out) == 1 && left_out == 5);
}

static void test_log_leaves_lines_out_where_nobody_reads(void **state)
{
	make_pipe();
	log_in_process(log_to_full, *state);
	text_of_pipe();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	log_in_process(log_to_full, *state);
	text_of_pipe();
}

static void log_without_reader(const struct place *place)
{
	(void)place;
	start_on(ends[1]);
	log_some(3, "/x");
}

static void test_log_raises_no_signal(void **state)
{
	make_pipe();
	close(ends[0]);
	log_in_process(log_without_reader, *state);
	close(ends[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	close(ends[0]);
	log_in_process(log_without_reader, *state);
	close(ends[1]);
}

/* A terminal with nobody behind it to read takes some KiB, then none. */
static void log_to_terminal(const struct place *place)
{
	char name[64];
	int master = posix_openpt(O_RDWR | O_NOCTTY), terminal;

	(void)place;
	must(master >= 0 && !grantpt(master) && !unlockpt(master));
	must(!ptsname_r(master, name, sizeof name));
	terminal = open(name, O_RDWR | O_NOCTTY);
	must(terminal >= 0);
	start_on(terminal);
	must(log_on());
	errno = EMLINK;
	for (int i = 0; i < 40; i++)
		log_some(5, "/a/path/that/is/longer/than/the/others/are");
	fill(terminal);
	errno = EMLINK;
	log_some(100, "/x");
	must(read(master, name, 10) == 10 && !memcmp(name, "lockshim: ", 10));
	errno = EMLINK;
}

static void test_log_does_not_wait_for_a_terminal(void **state)
{
	log_in_process(log_to_terminal, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_log_writes_to_standard_error),
		place_test(test_log_goes_to_standard_error_by_default),
		place_test(test_log_never_writes_into_the_programs_files),
		place_test(test_log_never_writes_to_standard_output),
		place_test(test_log_knows_a_connection),
		place_test(test_log_leaves_lines_out_where_nobody_reads),
		place_test(test_log_raises_no_signal),
		place_test(test_log_does_not_wait_for_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
