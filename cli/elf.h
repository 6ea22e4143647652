/* SPDX-License-Identifier: MIT
 * What kind of ELF file an executable is, as far as preloading goes. */
#ifndef CLI_ELF_H
#define CLI_ELF_H

#include <stdbool.h>

struct cli_elf {
	unsigned char wordsize; /* ELFCLASS32, ELFCLASS64 */
	unsigned char byteorder;
	unsigned machine;
	bool foreign; /* another byte order: nothing below was looked at */
	bool has_interpreter;
	bool built_by_go;
};

/* 0, -ENOEXEC where FD is no ELF file, or what reading it answered. */
int cli_elf_read(int fd, struct cli_elf *ret);

/* True where one process can hold objects of both. */
bool cli_elf_fits(const struct cli_elf *one, const struct cli_elf *other);

/* "64-bit x86-64" */
const char *cli_elf_describe(const struct cli_elf *elf);

#endif
