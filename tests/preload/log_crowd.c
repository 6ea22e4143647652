/* SPDX-License-Identifier: MIT
 * Many at once, and too many lines. */
#include "tests/preload/log_acts.h"

#include <pthread.h>
#include <sys/mman.h>

#define PROCESSES 8
#define LINES 150
#define THREADS 4

static void *log_many(void *nothing)
{
	(void)nothing;
	log_some(LINES / THREADS, "/a/file\nwith/a/name\nof/its/own");
	return NULL;
}

static void log_in_threads(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		must(!pthread_create(&threads[i], NULL, log_many, NULL));
	for (int i = 0; i < THREADS; i++)
		must(!pthread_join(threads[i], NULL));
}

static void crowd(const struct place *place)
{
	int status;

	(void)place;
	for (int i = 0; i < PROCESSES; i++)
		if (!fork()) {
			log_in_threads();
			_exit(0);
		}
	for (int i = 0; i < PROCESSES; i++)
		must(wait(&status) > 0 && !status);
	errno = EMLINK;
}

static void crowd_on_file(const struct place *place)
{
	log_start(log_path(place));
	crowd(place);
}

static void test_log_of_many_processes_has_whole_lines(void **state)
{
	const struct place *place = *state;
	unsigned left_out = 0;

	log_in_process(crowd_on_file, place);
	assert_int_equal(log_count(log_text_of(log_path(place)), &left_out),
			 PROCESSES * (LINES / THREADS * THREADS));
	assert_int_equal(left_out, 0);
}

static int ends[2];

static void crowd_on_pipe(const struct place *place)
{
	close(ends[0]);
	must(dup2(ends[1], 2) == 2);
	close(ends[1]);
	log_start("stderr");
	crowd(place);
}

static void *shared_memory(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

/* A process, since threads of one that forks are more than the sanitizers carry. */
static pid_t read_all(char *into)
{
	pid_t reader = fork();
	ssize_t len;

	assert_true(reader >= 0);
	if (reader)
		return reader;
	close(ends[1]);
	while ((len = read(ends[0], into, 4096)) > 0)
		into += len;
	_exit(0);
}

/* What finds the pipe full is left out. */
static void test_log_of_many_processes_shares_a_pipe(void **state)
{
	char *text = shared_memory(LOG_TEXT_ROOM);
	unsigned lines, left_out = 0;
	pid_t reader;
	int status;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	reader = read_all(text);
	log_in_process(crowd_on_pipe, *state);
	close(ends[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	close(ends[0]);
	assert_int_equal(status, 0);
	lines = log_count(text, &left_out);
	assert_in_range(lines, 1, PROCESSES * LINES);
	assert_in_range(lines + left_out, 1, PROCESSES * LINES);
}

static unsigned *shared;

/* Until a line gets through again and tells: all that were asked for are there or told of. */
static void log_too_many(const struct place *place)
{
	unsigned lines = 20000;
	struct stat before, now;

	log_start(log_path(place));
	log_some(lines, "/x");
	must(!stat(log_path(place), &before));
	do {
		log_some(1, "/x");
		lines++;
		must(!stat(log_path(place), &now));
	} while (now.st_size == before.st_size);
	*shared = lines;
}

static void test_log_leaves_out_what_is_too_much(void **state)
{
	const struct place *place = *state;
	unsigned lines, left_out = 0;

	shared = shared_memory(sizeof *shared);
	log_in_process(log_too_many, place);
	lines = log_count(log_text_of(log_path(place)), &left_out);
	assert_int_equal(lines + left_out, *shared);
	assert_int_not_equal(left_out, 0);
	assert_in_range(lines, 201, *shared - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_log_of_many_processes_has_whole_lines),
		place_test(test_log_of_many_processes_shares_a_pipe),
		place_test(test_log_leaves_out_what_is_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
