/* SPDX-License-Identifier: MIT
 * A flush that fails: what is answered, what is said, and that the lock is let go of all the same.
 * The kernel is made to fail by a seccomp filter, since the calls pass libc by. */
#include "tests/preload/parts.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* To fdatasync and OTHER. */
static void answer_syncs(unsigned other, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fdatasync, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof filter[0], filter };

	assert_return_code(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), errno);
	assert_return_code(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), errno);
}

static void answer_flush(int error)
{
	answer_syncs(SYS_fsync, error);
}

typedef int lock_call(int fd, short type);

static int by_flock(int fd, short type)
{
	return flock(fd, type == F_UNLCK ? LOCK_UN : (type == F_RDLCK ? LOCK_SH : LOCK_EX));
}

static int by_fcntl(int fd, short type)
{
	return record(fd, F_SETLK, type, 0, 0);
}

static int by_ofd(int fd, short type)
{
	return record(fd, F_OFD_SETLK, type, 0, 0);
}

static int by_lockf(int fd, short type)
{
	return lockf(fd, type == F_UNLCK ? F_ULOCK : F_TLOCK, 0);
}

static lock_call *const calls[] = { by_flock, by_fcntl, by_ofd, by_lockf };
#define CALLS (sizeof calls / sizeof calls[0])

/* Whatever the lock became. */
static int outside(const struct place *place, int operation)
{
	int result = outsider_try(place->file, BY_FLOCK, operation);

	return result ? result : outsider_try(place->file, BY_POSIX, operation);
}

static int locked_by(const struct place *place, lock_call *call)
{
	int fd = must_open(place->file, O_RDWR);

	assert_return_code(call(fd, F_WRLCK), errno);
	assert_int_equal(outside(place, LOCK_SH), EAGAIN);
	return fd;
}

static void assert_answer(int result, int expected)
{
	assert_int_equal(result, expected ? -1 : 0);
	if (expected)
		assert_int_equal(errno, expected);
}

/* Every family, by an unlock and by a close. */
static void let_go(const struct place *place, int expected)
{
	size_t i;
	int fd;

	for (i = 0; i < CALLS; i++) {
		fd = locked_by(place, calls[i]);
		assert_answer(calls[i](fd, F_UNLCK), expected);
		assert_int_equal(outside(place, LOCK_EX), 0);
		assert_return_code(by_flock(fd, F_WRLCK), errno);
		assert_answer(close(fd), expected);
		assert_int_equal(outside(place, LOCK_EX), 0);
		assert_int_equal(fcntl(fd, F_GETFD), -1);
	}
}

static void reported(const struct place *place)
{
	answer_flush(EIO);
	let_go(place, EIO);
}

/* Whatever the error, the program learns of one. */
static void reported_no_room(const struct place *place)
{
	answer_flush(ENOSPC);
	let_go(place, EIO);
}

static void ignored(const struct place *place)
{
	answer_flush(EIO);
	let_go(place, 0);
}

static int locked_and_let_go(const struct place *place)
{
	int fd = locked_by(place, by_flock);

	assert_return_code(by_flock(fd, F_UNLCK), errno);
	return fd;
}

/* The kernel tells once that it could not store: the flush, which alone fails here, was told in the
 * program's place. */
static void passed_on(const struct place *place)
{
	int fd, twin;

	answer_syncs(SYS_fdatasync, ENOSPC);
	fd = locked_and_let_go(place);
	assert_answer(fsync(fd), ENOSPC);
	assert_answer(fsync(fd), 0);
	twin = dup(fd);
	assert_return_code(by_flock(fd, F_WRLCK), errno);
	assert_return_code(by_flock(fd, F_UNLCK), errno);
	assert_answer(fsync(twin), ENOSPC);
	close(twin);
	close(fd);
	fd = locked_and_let_go(place);
	close(fd);
	assert_int_equal(open(place->directory, O_RDONLY), fd);
	assert_answer(fsync(fd), 0);
}

/* Not without end. */
static void interrupted(const struct place *place)
{
	answer_flush(EINTR);
	let_go(place, EIO);
}

static void no_failure(const struct place *place)
{
	answer_flush(EINVAL);
	let_go(place, 0);
}

/* A downgrade is made and tells; an upgrade tells nothing, since it would be taken for a refusal.
 */
static void converted(const struct place *place)
{
	int fd;
	size_t i;

	answer_flush(EIO);
	for (i = 0; i < 3; i++) {
		fd = locked_by(place, calls[i]);
		assert_answer(calls[i](fd, F_RDLCK), EIO);
		assert_int_equal(outside(place, LOCK_SH), 0);
		assert_int_equal(outside(place, LOCK_EX), EAGAIN);
		assert_return_code(calls[i](fd, F_WRLCK), errno);
		assert_int_equal(outside(place, LOCK_SH), EAGAIN);
		(void)close(fd);
	}
}

static void replaced(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR), other = must_open("/dev/null", O_RDWR);
	FILE *stream;

	answer_flush(EIO);
	assert_return_code(by_flock(fd, F_WRLCK), errno);
	assert_int_equal(dup2(other, fd), fd);
	stream = fopen(place->file, "r+e");
	assert_non_null(stream);
	assert_return_code(by_flock(fileno(stream), F_WRLCK), errno);
	assert_true(fputs("text", stream) >= 0);
	assert_int_equal(fclose(stream), EOF);
	assert_int_equal(errno, EIO);
	assert_int_equal(outside(place, LOCK_EX), 0);
}

static void said(const struct place *place)
{
	char text[2048] = "", log[128];
	FILE *file;
	int fd;

	snprintf(log, sizeof log, "%s/log", place->directory);
	answer_flush(ENOSPC);
	fd = locked_by(place, by_flock);
	assert_int_equal(by_flock(fd, F_UNLCK), 0);
	file = fopen(log, "re");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof text - 1, file) > 0);
	assert_non_null(strstr(text, "hazard flush-failed"));
	fclose(file);
}

static void errno_stays(const struct place *place)
{
	int fd = locked_by(place, by_flock);

	errno = ENOTTY;
	assert_int_equal(by_flock(fd, F_UNLCK), 0);
	assert_int_equal(errno, ENOTTY);
	assert_return_code(by_fcntl(fd, F_WRLCK), errno);
	errno = ENOTTY;
	assert_int_equal(close(fd), 0);
	assert_int_equal(errno, ENOTTY);
}

/* Who shares the description goes on where its stream was read up to. */
static void read_on(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	char line[8] = "";
	FILE *stream;

	assert_int_equal(write(fd, "one\ntwo\nthree\n", 14), 14);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_return_code(by_flock(fd, F_WRLCK), errno);
	stream = fdopen(dup(fd), "r");
	assert_non_null(stream);
	assert_non_null(fgets(line, sizeof line, stream));
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 14);
	(void)close(fd);
}

/* fclose tells what it could not write, as ever. */
static void unwritten(const struct place *place)
{
	const struct rlimit small = { 4, 4 };
	FILE *stream = fopen(place->file, "r+e");

	assert_non_null(stream);
	assert_return_code(by_flock(fileno(stream), F_WRLCK), errno);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_return_code(setrlimit(RLIMIT_FSIZE, &small), errno);
	assert_true(fputs("more than four", stream) >= 0);
	assert_int_equal(fclose(stream), EOF);
	assert_int_equal(errno, EFBIG);
}

/* Written through memory alone: the pages are clean once the lock is let go. */
static bool is_some(const char *line, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(line, name, len) && strtoul(line + len, NULL, 10);
}

static bool is_dirty(const void *at)
{
	bool inside = false, dirty = false;
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[256], *end;
	unsigned long start;

	assert_non_null(maps);
	while (fgets(line, sizeof line, maps)) {
		start = strtoul(line, &end, 16);
		if (end > line && *end == '-')
			inside = start == (unsigned long)(uintptr_t)at;
		if (inside)
			dirty |= is_some(line, "Shared_Dirty:") || is_some(line, "Private_Dirty:");
	}
	fclose(maps);
	return dirty;
}

static void mapped(const struct place *place)
{
	int fd = must_open(place->file, O_RDWR);
	char *at;

	assert_return_code(ftruncate(fd, 4096), errno);
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_return_code(by_flock(fd, F_WRLCK), errno);
	*(volatile char *)at = 'm';
	assert_true(is_dirty(at));
	assert_return_code(fdatasync(fd), errno);
	/* Memory is all that this file system has. */
	if (is_dirty(at))
		skip_here();
	*(volatile char *)at = 'n';
	assert_true(is_dirty(at));
	assert_return_code(by_flock(fd, F_UNLCK), errno);
	assert_false(is_dirty(at));
}

static const struct scenario scenarios[] = {
	{ "reported", reported },
	{ "reported_no_room", reported_no_room },
	{ "ignored", ignored },
	{ "passed_on", passed_on },
	{ "interrupted", interrupted },
	{ "no_failure", no_failure },
	{ "converted", converted },
	{ "replaced", replaced },
	{ "said", said },
	{ "errno_stays", errno_stays },
	{ "mapped", mapped },
	{ "read_on", read_on },
	{ "unwritten", unwritten },
	{ NULL, NULL },
};

#define FLUSHES "[rule a]\non-unlock = flush-data\n"
#define REPORTS FLUSHES "flush-error = report\n"

static void run(void **state, const char *scenario, const char *rule)
{
	const struct place *place = *state;

	need_no_emulator("no filter of system calls works");
	if (!shimmed())
		skip();
	assert_scenario(scenario, place, policy_of(place, "%s", rule), NULL);
}

static void test_preload_flush_report_answers_eio(void **state)
{
	run(state, "reported", REPORTS);
	run(state, "reported_no_room", REPORTS);
	run(state, "reported", REPORTS "flock = ofd\n");
	run(state, "reported", REPORTS "flock = both\n");
	run(state, "reported", REPORTS "flock = ofd\nfcntl = ofd\n");
	run(state, "interrupted", REPORTS);
}

static void test_preload_flush_ignore_answers_as_ever(void **state)
{
	run(state, "ignored", FLUSHES);
	run(state, "no_failure", REPORTS);
}

static void test_preload_flush_leaves_own_sync_its_answer(void **state)
{
	run(state, "passed_on", FLUSHES);
	run(state, "passed_on", FLUSHES "flock = ofd\n");
}

static void test_preload_flush_failed_conversion_is_made(void **state)
{
	run(state, "converted", REPORTS);
	run(state, "converted", REPORTS "flock = ofd\n");
}

static void test_preload_flush_failed_replacement_is_made(void **state)
{
	run(state, "replaced", REPORTS);
}

static void test_preload_flush_failure_is_said(void **state)
{
	const struct place *place = *state;
	char rule[256];

	snprintf(rule, sizeof rule, FLUSHES "log = errors\nlog-to = %s/log\n", place->directory);
	run(state, "said", rule);
}

static void test_preload_flush_leaves_errno(void **state)
{
	run(state, "errno_stays", REPORTS);
}

static void test_preload_flush_takes_mapped_pages(void **state)
{
	run(state, "mapped", FLUSHES);
	run(state, "mapped", "[rule a]\non-unlock = flush\n");
}

static void test_preload_flush_leaves_offset(void **state)
{
	run(state, "read_on", FLUSHES);
}

static void test_preload_flush_tells_what_fclose_could_not_write(void **state)
{
	run(state, "unwritten", FLUSHES);
	run(state, "unwritten", REPORTS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		place_test(test_preload_flush_report_answers_eio),
		place_test(test_preload_flush_ignore_answers_as_ever),
		place_test(test_preload_flush_leaves_own_sync_its_answer),
		place_test(test_preload_flush_failed_conversion_is_made),
		place_test(test_preload_flush_failed_replacement_is_made),
		place_test(test_preload_flush_failure_is_said),
		place_test(test_preload_flush_leaves_errno),
		place_test(test_preload_flush_takes_mapped_pages),
		place_test(test_preload_flush_leaves_offset),
		place_test(test_preload_flush_tells_what_fclose_could_not_write),
	};

	scenario_main(argc, argv, scenarios);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
