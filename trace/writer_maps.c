/* SPDX-License-Identifier: MIT
 * Memory is read through /proc/self/mem: a file that was cut short under its mapping makes that
 * fail, where a load would kill the host. */
#include "trace/writer_maps.h"

#include <elf.h>
#include <string.h>

#include "trace/sys.h"
#include "trace/writer_state.h"

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Ehdr elf_head;
typedef Elf64_Phdr elf_segment;
#else
typedef Elf32_Ehdr elf_head;
typedef Elf32_Phdr elf_segment;
#endif

#define SEGMENTS_MAX 32

struct lines {
	struct sys_fd file;
	char *text;
	size_t size, len, at; /* text[at] to text[len] is not given out */
};

static int open_own(struct sys_fd *ret, const char *path)
{
	return sys_fd_open(ret, AT_FDCWD, path, O_RDONLY | O_NOFOLLOW);
}

/* What is left moves to the front. False at the end. */
static bool read_more(struct lines *lines)
{
	long got;

	memmove(lines->text, lines->text + lines->at, lines->len - lines->at);
	lines->len -= lines->at;
	lines->at = 0;
	if (lines->len == lines->size)
		return false;
	got = sys_read(lines->file.fd, lines->text + lines->len, lines->size - lines->len);
	if (got <= 0)
		return false;
	lines->len += (size_t)got;
	return true;
}

/* NULL at the end. */
static char *next_line(struct lines *lines)
{
	char *line, *end;

	for (;;) {
		line = lines->text + lines->at;
		end = memchr(line, '\n', lines->len - lines->at);
		if (end)
			break;
		if (!read_more(lines))
			return NULL;
	}
	*end = 0;
	lines->at = (size_t)(end + 1 - lines->text);
	return line;
}

/* And what follows it, one character. */
static uint64_t take_number(const char **at, unsigned base)
{
	uint64_t number = 0;

	for (;; ++*at) {
		unsigned digit = (unsigned)(**at | 32) - 'a' + 10;

		if (**at >= '0' && **at <= '9')
			digit = (unsigned)(**at - '0');
		if (digit >= base)
			break;
		number = number * base + digit;
	}
	*at += **at != 0;
	return number;
}

static void parse(struct writer_mapping *ret, const char *line)
{
	ret->start = (uintptr_t)take_number(&line, 16);
	ret->end = (uintptr_t)take_number(&line, 16);
	line += strcspn(line, " ");
	line += *line == ' ';
	ret->offset = take_number(&line, 16);
	ret->device = take_number(&line, 16) << 32;
	ret->device |= take_number(&line, 16);
	ret->inode = take_number(&line, 10);
	ret->path = line + strspn(line, " ");
}

static bool find_in(struct lines *lines, struct writer_mapping *ret, uintptr_t address)
{
	struct writer_mapping head = { .start = 0 };
	const char *line;

	while ((line = next_line(lines))) {
		parse(ret, line);
		if (!ret->offset && ret->inode)
			head = *ret;
		if (address < ret->start || address >= ret->end)
			continue;
		ret->head = head.inode == ret->inode && head.device == ret->device ? head.start : 0;
		return true;
	}
	return false;
}

bool writer_maps_find(struct writer_mapping *ret, uintptr_t address, char *line, size_t size)
{
	struct lines lines = { .text = line, .size = size };
	bool found;

	if (open_own(&lines.file, "/proc/self/maps"))
		return false;
	found = find_in(&lines, ret, address);
	sys_fd_close(&lines.file);
	return found;
}

static bool read_memory(int fd, uint64_t address, void *into, size_t size)
{
	return sys_read_at(fd, into, size, address) == (long)size;
}

/* The lowest segment to load, which is the first. */
static bool first_segment(int fd, uintptr_t head, elf_head *ret_head, elf_segment *ret)
{
	unsigned count;

	if (!read_memory(fd, head, ret_head, sizeof *ret_head) ||
	    memcmp(ret_head->e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	count = ret_head->e_phnum < SEGMENTS_MAX ? ret_head->e_phnum : SEGMENTS_MAX;
	for (unsigned i = 0; i < count; i++)
		if (read_memory(fd, head + ret_head->e_phoff + i * sizeof *ret, ret, sizeof *ret) &&
		    ret->p_type == PT_LOAD)
			return true;
	return false;
}

uint64_t writer_maps_bias(const struct writer_mapping *mapping)
{
	uint64_t bias = mapping->start - mapping->offset; /* as a linker lays out, mostly */
	struct sys_fd memory;
	elf_segment segment = { .p_type = PT_NULL };
	elf_head head = { .e_phnum = 0 };

	if (!mapping->head || open_own(&memory, "/proc/self/mem"))
		return bias;
	if (first_segment(memory.fd, mapping->head, &head, &segment))
		bias = head.e_type == ET_EXEC
			       ? 0
			       : mapping->head - (segment.p_vaddr & ~(writer_setup.page - 1));
	sys_fd_close(&memory);
	return bias;
}
