/* SPDX-License-Identifier: MIT
 * Reads ELF headers of either word size; knows nothing of what is done with them. */
#include "cli/elf.h"
#include "cli/memory.h"

#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Where the tables are, the same for both word sizes. */
struct shape {
	int fd;
	bool wide;
	uint64_t segments_at, sections_at;
	unsigned segment_size, segments, section_size, sections, names_index;
};

struct section {
	uint32_t name;
	uint64_t offset, size;
};

static const unsigned char native_order =
	__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

static bool read_at(int fd, void *into, size_t size, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, into, size, (off_t)offset) == (ssize_t)size;
}

#define SHAPE_OF(header, is_wide, from)                                                            \
	(struct shape)                                                                             \
	{                                                                                          \
		.fd = (from), .wide = (is_wide), .segments_at = (header).e_phoff,                  \
		.sections_at = (header).e_shoff, .segment_size = (header).e_phentsize,             \
		.segments = (header).e_phnum, .section_size = (header).e_shentsize,                \
		.sections = (header).e_shnum, .names_index = (header).e_shstrndx                   \
	}

static bool read_shape(int fd, bool wide, struct shape *ret)
{
	Elf64_Ehdr header64;
	Elf32_Ehdr header32;

	if (wide && read_at(fd, &header64, sizeof(header64), 0))
		*ret = SHAPE_OF(header64, true, fd);
	else if (!wide && read_at(fd, &header32, sizeof(header32), 0))
		*ret = SHAPE_OF(header32, false, fd);
	else
		return false;
	return true;
}

/* The type is the first word of a segment's header in both word sizes. */
static bool has_segment(const struct shape *shape, uint32_t type)
{
	for (unsigned i = 0; i < shape->segments; i++) {
		uint64_t at = shape->segments_at + (uint64_t)i * shape->segment_size;
		uint32_t here;

		if (!read_at(shape->fd, &here, sizeof(here), at))
			return false;
		if (here == type)
			return true;
	}
	return false;
}

static bool read_section(const struct shape *shape, unsigned number, struct section *ret)
{
	uint64_t at = shape->sections_at + (uint64_t)number * shape->section_size;
	Elf64_Shdr wide;
	Elf32_Shdr narrow;

	if (shape->wide && read_at(shape->fd, &wide, sizeof(wide), at))
		*ret = (struct section){ wide.sh_name, wide.sh_offset, wide.sh_size };
	else if (!shape->wide && read_at(shape->fd, &narrow, sizeof(narrow), at))
		*ret = (struct section){ narrow.sh_name, narrow.sh_offset, narrow.sh_size };
	else
		return false;
	return true;
}

static bool is_of_go(const char *name)
{
	static const char *const names[] = { ".go.buildinfo", ".note.go.buildid", ".gopclntab" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

static bool has_go_section(const struct shape *shape)
{
	struct section names, section;

	if (!shape->sections || !read_section(shape, shape->names_index, &names))
		return false;
	for (unsigned i = 0; i < shape->sections; i++) {
		char name[24] = "";

		if (!read_section(shape, i, &section))
			return false;
		if (pread(shape->fd, name, sizeof(name) - 1, (off_t)(names.offset + section.name)) >
			    0 &&
		    is_of_go(name))
			return true;
	}
	return false;
}

static unsigned machine_of(const Elf32_Ehdr *header, bool foreign)
{
	uint16_t machine = header->e_machine;

	return foreign ? (uint16_t)(machine << 8 | machine >> 8) : machine;
}

int cli_elf_read(int fd, struct cli_elf *ret)
{
	Elf32_Ehdr start; /* as far as e_machine both word sizes are the same */
	struct shape shape;

	if (!read_at(fd, &start, sizeof(start), 0) || memcmp(start.e_ident, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	*ret = (struct cli_elf){ .wordsize = start.e_ident[EI_CLASS],
				 .byteorder = start.e_ident[EI_DATA],
				 .foreign = start.e_ident[EI_DATA] != native_order };
	ret->machine = machine_of(&start, ret->foreign);
	if (ret->foreign)
		return 0;
	if (!read_shape(fd, ret->wordsize == ELFCLASS64, &shape))
		return -ENOEXEC;
	ret->has_interpreter = has_segment(&shape, PT_INTERP);
	ret->built_by_go = has_go_section(&shape);
	return 0;
}

bool cli_elf_fits(const struct cli_elf *one, const struct cli_elf *other)
{
	return one->wordsize == other->wordsize && one->byteorder == other->byteorder &&
	       one->machine == other->machine;
}

const char *cli_elf_describe(const struct cli_elf *elf)
{
	static const struct {
		unsigned machine;
		const char *name;
	} known[] = { { EM_X86_64, "x86-64" }, { EM_386, "i386" },    { EM_AARCH64, "arm64" },
		      { EM_ARM, "arm" },       { EM_PPC64, "ppc64" }, { EM_S390, "s390" },
		      { EM_RISCV, "RISC-V" },  { EM_MIPS, "MIPS" } };
	const char *bits = elf->wordsize == ELFCLASS64 ? "64" : "32";

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].machine == elf->machine)
			return cli_memory_format("%s-bit %s", bits, known[i].name);
	}
	return cli_memory_format("%s-bit machine %u", bits, elf->machine);
}
