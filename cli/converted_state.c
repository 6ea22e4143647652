/* SPDX-License-Identifier: MIT
 * Reads the state file by the path and inode that the process has it mapped under. */
#include "cli/converted_state.h"
#include "cli/memory.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Through the process' own root. A directory of its own may hide another file there. */
static int open_mapped(const struct cli_proc *proc, const struct cli_proc_mapping *mapping)
{
	const char *path = cli_memory_format("/proc/%d/root%s", proc->pid, mapping->path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat is;

	if (fd >= 0 && !fstat(fd, &is) && S_ISREG(is.st_mode) && is.st_ino == mapping->inode &&
	    is.st_size == CLI_STATE_SIZE)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool read_words(int fd, uint32_t *words, size_t count)
{
	return pread(fd, words, count * 4, 0) == (ssize_t)(count * 4);
}

static bool is_a_state(const uint32_t *words)
{
	return words[0] == CLI_STATE_MAGIC_0 && words[1] == CLI_STATE_MAGIC_1 &&
	       words[2] == CLI_STATE_VERSION && words[3] == CLI_STATE_SIZE;
}

static uint64_t word64(const uint32_t *record, unsigned at)
{
	uint64_t value;

	memcpy(&value, record + at, sizeof(value));
	return value;
}

/* A sequence that is odd is being written. */
static bool names(const uint32_t *record, const struct cli_proc *proc)
{
	return record[0] == (uint32_t)proc->own_pid && record[1] && !(record[1] & 1) &&
	       word64(record, CLI_STATE_STARTED) == proc->started &&
	       word64(record, CLI_STATE_SPACE) == proc->space;
}

bool cli_state_hash(const struct cli_proc *proc, const struct cli_proc_mapping *mapping,
		    uint64_t *ret_hash)
{
	uint32_t words[CLI_STATE_FIRST + CLI_STATE_PROCESSES * CLI_STATE_WORDS];
	int fd = open_mapped(proc, mapping);
	bool found = fd >= 0 && read_words(fd, words, sizeof(words) / 4) && is_a_state(words);

	if (fd >= 0)
		close(fd);
	for (size_t i = 0; found && i < CLI_STATE_PROCESSES; i++) {
		const uint32_t *record = words + CLI_STATE_FIRST + i * CLI_STATE_WORDS;

		if (!names(record, proc))
			continue;
		*ret_hash = word64(record, CLI_STATE_HASH);
		return true;
	}
	return false;
}
