/* SPDX-License-Identifier: MIT
 * What the kernel refuses for itself is answered with the kernel's own errno, and leaves no lock.
 */
#include "tests/conformance/rows_record.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* At the end of a page that has none behind it: half of the record can be read. */
static struct flock *half_a_record(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED || mprotect(at + page, page, PROT_NONE))
		return NULL;
	memset(at + page - 8, 0, 8);
	return (struct flock *)(uintptr_t)(at + page - 8);
}

struct request {
	int fd;
	struct flock record, *pointer;
};

static const struct {
	int flags;
	struct flock record;
} bad_records[] = {
	[BAD_NUMBER] = { O_RDWR, { .l_type = F_WRLCK } },
	[BAD_NULL] = { O_RDWR, { .l_type = F_WRLCK } },
	[BAD_POINTER] = { O_RDWR, { .l_type = F_WRLCK } },
	[BAD_HALF_POINTER] = { O_RDWR, { .l_type = F_WRLCK } },
	[BAD_WHENCE] = { O_RDWR, { .l_type = F_WRLCK, .l_whence = 9 } },
	[BAD_TYPE] = { O_RDWR, { .l_type = 9 } },
	[BAD_WRITE_ON_READ_ONLY] = { O_RDONLY, { .l_type = F_WRLCK } },
	[BAD_READ_ON_WRITE_ONLY] = { O_WRONLY, { .l_type = F_RDLCK } },
	[BAD_PATH_ONLY] = { O_PATH, { .l_type = F_RDLCK } },
	[BAD_START] = { O_RDWR, { .l_type = F_WRLCK, .l_start = -1 } },
	[BAD_LENGTH] = { O_RDWR, { .l_type = F_WRLCK, .l_start = 3, .l_len = -4 } },
	[BAD_OVERFLOW] = { O_RDWR, { .l_type = F_WRLCK, .l_start = INT64_MAX, .l_len = 2 } },
	[BAD_PID] = { O_RDWR, { .l_type = F_WRLCK, .l_pid = 4711 } },
};

static struct request request_of(const struct probe *probe, int bad)
{
	struct request request = { .fd = must_open(probe, bad_records[bad].flags),
				   .record = bad_records[bad].record };

	if (bad == BAD_NUMBER)
		request.fd = 987;
	request.pointer = bad == BAD_POINTER        ? (struct flock *)1
			  : bad == BAD_HALF_POINTER ? half_a_record()
						    : NULL;
	return request;
}

const char *probe_bad(const struct probe *probe, int bad)
{
	static char cell[CELL_ROOM];
	const bool by_pointer = bad >= BAD_NULL && bad <= BAD_HALF_POINTER;
	const char *words[HOWS];
	int how;

	for (how = 0; how < HOWS; how++) {
		struct request request = request_of(probe, bad);

		words[how] =
			answer_word(record_call(probe, request.fd, (enum how)how,
						by_pointer ? request.pointer : &request.record));
		if (strcmp(words[how], "granted") && strcmp(held_or(probe, ""), ""))
			return "HELD";
		record_set(probe, request.fd, F_UNLCK, 0, 0);
	}
	if (words[0] == words[1] && words[1] == words[2])
		return words[0];
	strcat(strcat(strcat(strcat(strcpy(cell, words[0]), "/"), words[1]), "/"), words[2]);
	return cell;
}

const char *probe_bad_lockf(const struct probe *probe, int bad)
{
	static const struct {
		int flags, command;
		off_t offset, length;
	} calls[] = {
		[LOCKF_NUMBER] = { O_RDWR, F_TLOCK, 0, 0 },
		[LOCKF_READ_ONLY] = { O_RDONLY, F_TLOCK, 0, 0 },
		[LOCKF_COMMAND] = { O_RDWR, 77, 0, 0 },
		[LOCKF_BEFORE_START] = { O_RDWR, F_TLOCK, 3, -4 },
		[LOCKF_OVERFLOW] = { O_RDWR, F_LOCK, 8, INT64_MAX },
	};
	int fd = bad == LOCKF_NUMBER ? 987 : must_open(probe, calls[bad].flags);
	const char *word;

	lseek(fd, calls[bad].offset, SEEK_SET);
	word = answer_word(lockf(fd, calls[bad].command, calls[bad].length));
	return strcmp(held_or(probe, ""), "") ? "HELD" : word;
}
