/* SPDX-License-Identifier: MIT
 * Hashes in a table that is filled from its beginning. */
#include "shim/mixed_files.h"

#include "policy/sys.h"

#define FILES 32
static uint32_t files[FILES];

static uint32_t hash_of(const struct stat *file)
{
	uint64_t hash = ((uint64_t)file->st_ino * 0x9e3779b97f4a7c15u) ^ (uint64_t)file->st_dev;

	return (uint32_t)((hash * 0xff51afd7ed558ccdu) >> 32) | 1;
}

bool mixed_files_any(void)
{
	return __atomic_load_n(&files[0], __ATOMIC_RELAXED);
}

bool mixed_files_lists(const struct stat *file)
{
	uint32_t hash = hash_of(file), found = 1;
	unsigned i;

	for (i = 0; i < FILES && found; i++) {
		found = __atomic_load_n(&files[i], __ATOMIC_RELAXED);
		if (found == hash)
			return true;
	}
	return found;
}

bool mixed_files_has(int fd)
{
	struct stat file;

	return mixed_files_any() && !sys_fstat(fd, &file) && mixed_files_lists(&file);
}

void mixed_files_note(int fd)
{
	uint32_t hash, found = 0;
	struct stat file;
	unsigned i;

	if (sys_fstat(fd, &file))
		return;
	hash = hash_of(&file);
	for (i = 0; i < FILES && found != hash; i++) {
		found = 0;
		if (__atomic_compare_exchange_n(&files[i], &found, hash, 0, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return;
	}
}
