/* SPDX-License-Identifier: MIT
 * Looks for the instruction that loads the call's number right before the one that enters the
 * kernel. */
#include "cli/doctor_calls.h"
#include "cli/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum call { FLOCK, FCNTL, CALLS };

static const struct machine {
	unsigned machine;
	size_t step;                  /* between two places where an instruction can begin */
	unsigned char load[CALLS][5]; /* into the register of the number */
	size_t load_size;
	unsigned char enter[4];
	size_t enter_size, window; /* bytes between the two */
} machines[] = {
	/* mov $73, %eax; mov $72, %eax; syscall */
	{ EM_X86_64,
	  1,
	  { { 0xb8, 73, 0, 0, 0 }, { 0xb8, 72, 0, 0, 0 } },
	  5,
	  { 0x0f, 0x05 },
	  2,
	  24 },
	/* mov x8, #32; mov x8, #25; svc #0 */
	{ EM_AARCH64,
	  4,
	  { { 0x08, 0x04, 0x80, 0xd2 }, { 0x28, 0x03, 0x80, 0xd2 } },
	  4,
	  { 0x01, 0x00, 0x00, 0xd4 },
	  4,
	  24 },
};

static bool has_call(const unsigned char *code, size_t size, const struct machine *machine,
		     enum call call)
{
	const unsigned char *load = machine->load[call];

	for (size_t at = 0; at + machine->load_size + machine->window < size; at += machine->step) {
		if (memcmp(code + at, load, machine->load_size) != 0)
			continue;
		if (memmem(code + at + machine->load_size, machine->window, machine->enter,
			   machine->enter_size))
			return true;
	}
	return false;
}

static const struct machine *machine_of(int fd)
{
	struct cli_elf elf;

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (!cli_elf_read(fd, &elf) && elf.machine == machines[i].machine)
			return &machines[i];
	}
	return NULL;
}

static const char *names_in(int fd, const struct machine *machine)
{
	static const char *const names[] = { NULL, "flock", "fcntl", "flock and fcntl" };
	const unsigned char *code;
	unsigned found = 0;
	struct stat is;

	if (fstat(fd, &is) || is.st_size <= 0)
		return NULL;
	code = mmap(NULL, (size_t)is.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (code == MAP_FAILED)
		return NULL;
	for (int i = 0; i < CALLS; i++)
		found |= has_call(code, (size_t)is.st_size, machine, (enum call)i) ? 1u << i : 0;
	munmap((void *)(uintptr_t)code, (size_t)is.st_size);
	return names[found];
}

const char *cli_calls_past_libc(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const struct machine *machine = fd >= 0 ? machine_of(fd) : NULL;
	const char *names = machine ? names_in(fd, machine) : NULL;

	if (fd >= 0)
		close(fd);
	return names;
}
