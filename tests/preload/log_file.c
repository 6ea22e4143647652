/* SPDX-License-Identifier: MIT
 * A log that is a file: whole lines at its end, and nothing into what is not a log. */
#include "tests/preload/log_acts.h"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

static unsigned open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	errno = EMLINK;
	return count;
}

static void log_three(const struct place *place)
{
	unsigned before = open_descriptors();

	log_start(log_path(place));
	log_some(3, "/x");
	must(open_descriptors() == before);
}

static void test_log_appends_whole_lines(void **state)
{
	const struct place *place = *state;
	unsigned left_out = 0;
	struct stat is;

	log_in_process(log_three, place);
	log_in_process(log_three, place);
	assert_int_equal(log_count(log_text_of(log_path(place)), &left_out), 6);
	assert_non_null(strstr(log_text_of(log_path(place)),
			       "] flock(5</x>, LOCK_EX) = 0 as OFD, rule web\n"));
	assert_int_equal(left_out, 0);
	assert_int_equal(stat(log_path(place), &is), 0);
	assert_int_equal(is.st_mode, S_IFREG | 0600);
}

static void test_log_names_program_and_process(void **state)
{
	const struct place *place = *state;
	const char *text;

	log_in_process(log_three, place);
	text = log_text_of(log_path(place));
	assert_non_null(strstr(text, "Z test_preload_log_file["));
	assert_int_not_equal(strtol(strchr(text, '[') + 1, NULL, 10), 0);
}

static int watched = -1;

/* Each way that a path can lead to what is no log of ours; what comes out of it can be read from
 * `watched`. */
static void make_link(const struct place *place)
{
	must(!symlink(place->file, log_path(place)));
}

static void make_dangling(const struct place *place)
{
	must(!symlink("/nonexistent/x", log_path(place)));
}

static void make_second_name(const struct place *place)
{
	must(!link(place->file, log_path(place)));
}

static void make_fifo(const struct place *place)
{
	must(!mkfifo(log_path(place), 0600));
	watched = open(log_path(place), O_RDWR | O_NONBLOCK);
	must(watched >= 0);
}

static void make_directory(const struct place *place)
{
	must(!mkdir(log_path(place), 0700));
}

static void make_socket(const struct place *place)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strncpy(at.sun_path, log_path(place), sizeof at.sun_path - 1);
	watched = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	must(!bind(watched, (struct sockaddr *)&at, sizeof at));
}

static void make_others(const struct place *place)
{
	int fd = open(log_path(place), O_WRONLY | O_CREAT, 0666);

	/* Where we are not root the file is no other's. */
	if (fchown(fd, 12345, 12345) && errno == EPERM)
		must(!fchmod(fd, 0));
	close(fd);
}

static void (*make)(const struct place *place);

static void log_to_what_is_made(const struct place *place)
{
	char text[8];

	make(place);
	errno = EMLINK;
	log_three(place);
	must(read(watched, text, sizeof text) <= 0);
	errno = EMLINK;
}

static void test_log_refuses_what_is_no_log(void **state)
{
	static void (*const ways[])(const struct place *place) = {
		make_link,      make_dangling, make_second_name, make_fifo,
		make_directory, make_socket,   make_others,
	};
	const struct place *place = *state;
	struct stat is;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		make = ways[i];
		log_in_process(log_to_what_is_made, place);
		assert_int_equal(stat(place->file, &is), 0);
		assert_int_equal(is.st_size, 0);
		assert_true(stat(log_path(place), &is) || S_ISDIR(is.st_mode) || is.st_size == 0);
		assert_int_equal(remove(log_path(place)), 0);
	}
}

/* To close it would let the program's own lock go. */
static void log_of_the_log(const struct place *place)
{
	struct flock all = { .l_type = F_WRLCK };
	struct trace_event event = log_granted();
	const struct log_words words = { log_path(place), "web" };
	int fd = open(log_path(place), O_RDWR | O_CREAT, 0600), status;
	struct stat is = { 0 };

	must(!fcntl(fd, F_SETLK, &all) && !fstat(fd, &is));
	event.device = (uint64_t)major(is.st_dev) << 32 | minor(is.st_dev);
	event.inode = is.st_ino;
	log_start(log_path(place));
	log_event(&event, &words);
	must(!fstat(fd, &is) && is.st_size == 0);
	if (!fork())
		_exit(fcntl(fd, F_SETLK, &all) ? 0 : 1);
	must(wait(&status) > 0 && !status);
}

static void test_log_leaves_a_locked_log_alone(void **state)
{
	log_in_process(log_of_the_log, *state);
}

static void forbid_more_than(off_t size)
{
	struct rlimit limit = { (rlim_t)size, (rlim_t)size };

	must(!setrlimit(RLIMIT_FSIZE, &limit));
}

static void log_at_the_limit(const struct place *place)
{
	struct stat is;

	log_start(log_path(place));
	log_some(1, "/x");
	must(!stat(log_path(place), &is));
	forbid_more_than(is.st_size + is.st_size / 2);
	log_some(5, "/x");
	forbid_more_than(is.st_size / 2);
	log_some(5, "/x");
}

static void test_log_at_the_size_limit(void **state)
{
	const struct place *place = *state;
	unsigned left_out = 0;

	log_in_process(log_at_the_limit, place);
	assert_int_equal(log_count(log_text_of(log_path(place)), &left_out), 1);
}

/* 80 lines are more than a page, and the disk is full once that is. */
static void log_on_a_full_disk(const struct place *place)
{
	static const char block[65536];
	char filler[128];
	int fd;

	snprintf(filler, sizeof filler, "%s/filler", place->directory);
	log_start(log_path(place));
	log_some(1, "/x");
	fd = open(filler, O_WRONLY | O_CREAT, 0600);
	while (write(fd, block, sizeof block) > 0)
		;
	errno = EMLINK;
	log_some(80, "/x");
	must(!ftruncate(fd, 0));
	log_some(1, "/x");
}

static void test_log_on_a_full_disk(void **state)
{
	const struct place *place = *state;
	unsigned lines, left_out = 0;

	need_mounts();
	if (mount("test", place->directory, "tmpfs", 0, "size=64k"))
		skip();
	log_in_process(log_on_a_full_disk, place);
	lines = log_count(log_text_of(log_path(place)), &left_out);
	assert_int_equal(umount(place->directory), 0);
	assert_int_equal(lines + left_out, 82);
	assert_int_not_equal(left_out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_log_appends_whole_lines),
		place_test(test_log_names_program_and_process),
		place_test(test_log_refuses_what_is_no_log),
		place_test(test_log_leaves_a_locked_log_alone),
		place_test(test_log_at_the_size_limit),
		place_test(test_log_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
