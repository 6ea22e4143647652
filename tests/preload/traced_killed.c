/* SPDX-License-Identifier: MIT
 * A preloaded program that is killed at any moment: its trace has every call that had returned, and
 * reads to its end. A counter in shared memory says how many those were. */
#include "tests/preload/traced.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "trace/reader.h"

#define RUNS 1000
#define THREADS 2

struct returned {
	_Alignas(64) unsigned calls;
};

static struct returned *returned;
static const char *file;

/* Alone with its file, so that no call waits: more of them return. */
static void *lock_on(void *context)
{
	struct returned *own = context;
	int fd = must_open(file, O_RDWR);
	short type = F_WRLCK;

	for (;; type = type == F_WRLCK ? F_UNLCK : F_WRLCK) {
		flock(fd, LOCK_SH);
		__atomic_add_fetch(&own->calls, 1, __ATOMIC_SEQ_CST);
		record(fd, F_SETLK, type, 0, 10);
		__atomic_add_fetch(&own->calls, 1, __ATOMIC_SEQ_CST);
		flock(fd, LOCK_UN);
		__atomic_add_fetch(&own->calls, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static _Noreturn void lock_till_killed(void)
{
	pthread_t thread;
	int i;

	(void)!nice(10); /* on few processors the one that kills has to come to run */
	for (i = 1; i < THREADS; i++)
		pthread_create(&thread, NULL, lock_on, &returned[i]);
	lock_on(&returned[0]);
	_exit(1);
}

static unsigned calls_returned(void)
{
	unsigned sum = 0;
	int i;

	for (i = 0; i < THREADS; i++)
		sum += __atomic_load_n(&returned[i].calls, __ATOMIC_SEQ_CST);
	return sum;
}

static unsigned calls_traced(const struct place *place, pid_t pid)
{
	char directory[128];
	struct trace_reader *reader;
	struct trace_record record;
	struct trace_damage err = { 0 };
	unsigned calls = 0;

	snprintf(directory, sizeof directory, "%s/trace", place->directory);
	if (trace_reader_open(&reader, directory, traced_damaged, NULL, &err))
		return 0;
	while (trace_reader_next(reader, &record))
		if (record.event.pid == (uint32_t)pid &&
		    (record.event.id == TRACE_LOCK || record.event.id == TRACE_RELEASE))
			calls++;
	assert_int_equal(trace_reader_discarded(reader), 0);
	trace_reader_close(reader);
	return calls;
}

/* Of children that are gone. */
static void remove_streams(const struct place *place)
{
	char path[512];
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof path, "%s/trace", place->directory);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		snprintf(path, sizeof path, "%s/trace/%s", place->directory, entry->d_name);
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			unlink(path);
	}
	if (directory)
		closedir(directory);
}

static void run(const struct place *place, unsigned target)
{
	int status = 0;
	unsigned calls;
	pid_t pid;

	memset(returned, 0, 4096);
	pid = fork();
	if (!pid)
		lock_till_killed();
	while (calls_returned() < target && !waitpid(pid, &status, WNOHANG))
		sched_yield();
	kill(pid, SIGKILL);
	if (!status)
		assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	calls = calls_returned();
	assert_in_range(calls_traced(place, pid), calls, calls + THREADS);
}

/* Preloaded and traced itself: each child begins a trace of its own. */
static void kill_many(const struct place *place)
{
	int i;

	file = place->file;
	returned = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(returned, MAP_FAILED);
	srand(20);
	for (i = 0; i < RUNS; i++) {
		run(place, i % 4 ? (unsigned)rand() % 3000 : (unsigned)rand() % 10);
		remove_streams(place);
	}
}

static void test_preload_traced_till_killed(void **state)
{
	const struct place *place = *state;
	char variable[256];

	if (!shimmed())
		skip();
	snprintf(variable, sizeof variable, "LOCKSHIM_SET=trace=all;trace-directory=%s/trace",
		 place->directory);
	assert_scenario("kill_many", place, variable, NULL);
	snprintf(variable, sizeof variable, "rm -rf %s/trace", place->directory);
	assert_int_equal(host_command(variable), 0);
}

int main(int argc, char **argv)
{
	const struct scenario scenarios[] = { { "kill_many", kill_many }, { NULL, NULL } };
	const struct CMUnitTest tests[] = { place_test(test_preload_traced_till_killed) };

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
