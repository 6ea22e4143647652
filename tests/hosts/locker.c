/* SPDX-License-Identifier: MIT
 * The outsider: takes locks by raw system calls, linked statically, so no preload reaches it.
 * Reads one command a line, answers `ok`, an errno's name, or for `test` `held PID`:
 *   open PATH ro|wo|rw    flock|posix|ofd ex|sh|un [nb]    posix|ofd test [ex|sh]    close */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "policy/policy.h"
#include "policy/sys.h"
#include "tests/support/outsider.h"

#define WORDS_MAX 4

/* A row is a word of the protocol and what the families call it. */
struct operation {
	const char *name;
	int flock;
	short record;
};

static const struct operation operations[] = {
	{ "ex", LOCK_EX, F_WRLCK },
	{ "sh", LOCK_SH, F_RDLCK },
	{ "un", LOCK_UN, F_UNLCK },
};

struct family {
	const char *name;
	enum outsider_family number;
	int test; /* fcntl's command; flock has none, and fails with EINVAL */
};

static const struct family families[] = {
	{ "flock", BY_FLOCK, -1 },
	{ "posix", BY_POSIX, F_GETLK },
	{ "ofd", BY_OFD, F_OFD_GETLK },
};

static const struct {
	const char *name;
	int flags;
} open_modes[] = { { "ro", O_RDONLY }, { "wo", O_WRONLY }, { "rw", O_RDWR } };

static int held_fd = -1;

static bool same(const char *word, const char *name)
{
	return word && strcmp(word, name) == 0;
}

static void answer(long result)
{
	const char *name = result < 0 ? policy_errno_name((int)-result) : "ok";

	puts(name ? name : "an errno without a name");
}

static void open_file(const char *path, const char *mode)
{
	for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
		if (!path || !same(mode, open_modes[i].name))
			continue;
		if (held_fd >= 0)
			sys_close(held_fd);
		held_fd = sys_open(path, open_modes[i].flags);
		answer(held_fd);
		return;
	}
	answer(-EINVAL);
}

static void close_file(void)
{
	answer(sys_close(held_fd));
	held_fd = -1;
}

static const struct operation *operation_named(const char *word)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (same(word, operations[i].name))
			return &operations[i];
	return NULL;
}

static void test(const struct family *family, const struct operation *operation)
{
	struct flock record = { .l_type = operation ? operation->record : F_WRLCK,
				.l_whence = SEEK_SET };
	long result = sys_fcntl(held_fd, family->test, &record);

	if (result == 0 && record.l_type != F_UNLCK)
		printf("held %ld\n", (long)record.l_pid);
	else
		answer(result);
}

static void obey(char *word[WORDS_MAX])
{
	const struct operation *operation = operation_named(word[1]);

	if (same(word[0], "open")) {
		open_file(word[1], word[2]);
		return;
	}
	if (same(word[0], "close")) {
		close_file();
		return;
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!same(word[0], families[i].name))
			continue;
		if (operation)
			answer(-outsider_call(held_fd, families[i].number, operation->flock,
					      !same(word[2], "nb")));
		else if (same(word[1], "test"))
			test(&families[i], operation_named(word[2]));
		else
			break;
		return;
	}
	answer(-EINVAL);
}

int main(void)
{
	char line[4096];

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		char *word[WORDS_MAX] = { NULL }, *rest = line;

		for (int i = 0; i < WORDS_MAX; i++)
			word[i] = strtok_r(rest, " \n", &rest);
		obey(word);
	}
	return 0;
}
