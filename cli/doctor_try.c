/* SPDX-License-Identifier: MIT
 * One child for each pair: it holds, its own child asks, and a pipe with a deadline tells. */
#include "cli/doctor_try.h"
#include "cli/memory.h"
#include "policy/policy.h"
#include "policy/sys.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

#define DEADLINE_MS 10000

const char *const cli_try_names[CLI_TRY_FAMILIES] = {
	[CLI_TRY_FLOCK] = "flock",
	[CLI_TRY_POSIX] = "fcntl, lockf",
	[CLI_TRY_OFD] = "OFD",
};

/* 0 or -errno. */
static int take(int fd, enum cli_try_family family)
{
	static const int commands[] = { [CLI_TRY_POSIX] = F_SETLK, [CLI_TRY_OFD] = F_OFD_SETLK };
	struct flock whole = { .l_type = F_WRLCK };

	if (family == CLI_TRY_FLOCK)
		return (int)sys_result(syscall(SYS_flock, fd, LOCK_EX | LOCK_NB), errno);
	return (int)sys_fcntl(fd, commands[family], &whole);
}

/* In a process of its own: fcntl locks are the process's. */
static int ask_elsewhere(const char *file, enum cli_try_family family)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return EAGAIN;
	if (!child) {
		int fd = open(file, O_RDWR | O_CLOEXEC);

		_exit(fd < 0 ? EIO : -take(fd, family) & 0x7f);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

/* What the pipe brings: two bytes, the holder's errno and the asker's. */
static void hold_and_ask(const char *file, enum cli_try_family holder, enum cli_try_family asks,
			 int to)
{
	unsigned char said[2] = { 0, 0 };
	int fd = open(file, O_RDWR | O_CLOEXEC);

	setpgid(0, 0);
	said[0] = (unsigned char)(fd < 0 ? EIO : -take(fd, holder));
	if (!said[0])
		said[1] = (unsigned char)ask_elsewhere(file, asks);
	_exit(write(to, said, sizeof(said)) != sizeof(said));
}

static bool listen_to(int from, unsigned char said[2])
{
	struct pollfd wait = { .fd = from, .events = POLLIN };

	return poll(&wait, 1, DEADLINE_MS) == 1 && read(from, said, 2) == 2;
}

static enum cli_try_answer judge(const unsigned char said[2], int *ret_error)
{
	*ret_error = said[0] ? said[0] : said[1];
	if (said[0])
		return CLI_TRY_REFUSED;
	if (!said[1])
		return CLI_TRY_BOTH_GRANTED;
	return said[1] == EAGAIN || said[1] == EACCES ? CLI_TRY_EXCLUDED : CLI_TRY_REFUSED;
}

static enum cli_try_answer try_pair(const char *file, enum cli_try_family holder,
				    enum cli_try_family asks, int *ret_error)
{
	unsigned char said[2];
	int ends[2];
	pid_t child;
	bool heard;

	*ret_error = EAGAIN;
	if (pipe2(ends, O_CLOEXEC))
		return CLI_TRY_REFUSED;
	child = fork();
	if (!child)
		hold_and_ask(file, holder, asks, ends[1]);
	close(ends[1]);
	heard = child > 0 && listen_to(ends[0], said);
	close(ends[0]);
	if (child > 0 && !heard) {
		kill(-child, SIGKILL);
		kill(child, SIGKILL);
		/* One that hangs in the kernel can't be waited for. */
		waitpid(child, NULL, WNOHANG);
		return CLI_TRY_HANGS;
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	return child > 0 ? judge(said, ret_error) : CLI_TRY_REFUSED;
}

void cli_try(const char *directory, struct cli_tried *ret)
{
	char *file = cli_memory_format("%s/.lockshim-doctor-XXXXXX", directory);
	int fd = mkostemp(file, O_CLOEXEC);
	bool hangs = false;

	*ret = (struct cli_tried){ .done = fd >= 0 };
	if (fd < 0) {
		ret->trouble = cli_memory_format("%s: no file can be made there: %s", directory,
						 strerror(errno));
		return;
	}
	close(fd);
	for (int i = 0; i < CLI_TRY_FAMILIES * CLI_TRY_FAMILIES; i++) {
		int holder = i / CLI_TRY_FAMILIES, asks = i % CLI_TRY_FAMILIES;

		ret->answers[holder][asks] =
			hangs ? CLI_TRY_HANGS
			      : try_pair(file, (enum cli_try_family)holder,
					 (enum cli_try_family)asks, &ret->errors[holder][asks]);
		hangs |= ret->answers[holder][asks] == CLI_TRY_HANGS;
	}
	unlink(file);
}

static const char *error_name(int error)
{
	const char *name = policy_errno_name(error);

	return name ? name : cli_memory_format("errno %d", error);
}

const char *cli_try_text(const struct cli_tried *tried, enum cli_try_family holder,
			 enum cli_try_family asks)
{
	switch (tried->answers[holder][asks]) {
	case CLI_TRY_BOTH_GRANTED:
		return "no";
	case CLI_TRY_EXCLUDED:
		return "yes";
	case CLI_TRY_HANGS:
		return "hangs";
	case CLI_TRY_REFUSED:
		break;
	}
	return cli_memory_format("fails: %s", error_name(tried->errors[holder][asks]));
}
