/* SPDX-License-Identifier: MIT
 * Directories, children, and babeltrace2. */
#include "tests/trace/traced.h"

#include <errno.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

unsigned traced_told;
const char *traced_why;

void traced_expect(bool holds, const char *file, int line, const char *text)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: not %s (errno %d; the writer told: %s)\n", file, line, text, errno,
		traced_why ? traced_why : "nothing");
	_exit(1);
}

int traced_make_directory(void **state)
{
	const char *base = getenv("TMPDIR");
	char *path;

	if (asprintf(&path, "%s/lockshim-traced-XXXXXX", base ? base : "/tmp") < 0)
		return -1;
	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int traced_remove_directory(void **state)
{
	nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

const char *traced_path(const char *directory, const char *name)
{
	static char paths[4][512];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", directory, name);
	return path;
}

int traced_wait(int child)
{
	int status;

	if (child <= 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

bool traced_is_emulated(void)
{
	long size = sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED && !madvise(page, (size_t)size, 0x7fff);
}

void traced_skip_unless(bool can)
{
	if (!can)
		_exit(TRACED_NOT_HERE);
}

static void play(const char *trace, void (*prepare)(void), void (*scenario)(const char *trace))
{
	int status, child;

	fflush(NULL);
	child = fork();
	if (!child) {
		prepare();
		scenario(trace);
		_exit(0);
	}
	status = traced_wait(child);
	if (status == TRACED_NOT_HERE)
		skip();
	assert_int_equal(status, 0);
}

static void nothing(void)
{
}

void traced_play(const char *directory, void (*scenario)(const char *trace))
{
	play(traced_path(directory, "trace"), nothing, scenario);
}

/* EINVAL to the two advices. */
static void become_old(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 18, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 23, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof filter[0], filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(TRACED_NOT_HERE);
}

void traced_play_on_old_kernel(const char *directory, void (*scenario)(const char *trace))
{
	play(traced_path(directory, "trace"), become_old, scenario);
}

static void hear(const char *why, const char *directory)
{
	(void)directory;
	traced_told++;
	traced_why = why;
}

bool traced_start_as(const char *trace, uint64_t bytes, enum trace_full full)
{
	const struct trace_setup setup = {
		.directory = trace,
		.program = "traced",
		.bytes = bytes,
		.full = full,
		.ended = hear,
	};

	return trace_writer_start(&setup);
}

bool traced_start(const char *trace)
{
	return traced_start_as(trace, 0, TRACE_FULL_STOP);
}

void traced_write(uint64_t first, uint64_t count)
{
	struct trace_event event = { .id = TRACE_LOCK, .fd = 3, .asked = 1, .used = 2 };

	for (uint64_t i = first; i < first + count; i++) {
		event.inode = i;
		event.time = trace_now();
		trace_write(&event);
	}
}

static bool is_only_of_discarded(const char *path)
{
	char line[4096];
	bool only = true;
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof line, file)) {
		if (!strstr(line, " discarded ") && line[0] != '\n') {
			only = false;
			fprintf(stderr, "babeltrace2: %s", line);
		}
	}
	return file && !fclose(file) && only;
}

long traced_by_babeltrace(const char *directory)
{
	char command[1200];
	long lines = 0;
	FILE *pipe;

	if (system("command -v babeltrace2 >/dev/null"))
		return -1;
	snprintf(command, sizeof command, "babeltrace2 '%s' 2>'%s.said'", directory, directory);
	pipe = popen(command, "r");
	if (!pipe)
		return -1;
	for (int c = getc(pipe); c != EOF; c = getc(pipe))
		lines += c == '\n';
	if (pclose(pipe))
		lines = -2;
	snprintf(command, sizeof command, "%s.said", directory);
	return is_only_of_discarded(command) ? lines : -2;
}

const struct traced *traced_assert(const char *directory)
{
	const struct traced *traced = traced_read(directory);
	long printed;

	assert_non_null(traced);
	printed = traced_by_babeltrace(directory);
	if (printed != -1)
		assert_int_equal(printed, traced->events_count + traced->names_count);
	return traced;
}
