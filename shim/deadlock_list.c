/* SPDX-License-Identifier: MIT
 * getdents, step by step. */
#include "shim/deadlock_list.h"

struct entry {
	uint64_t inode, next;
	uint16_t size;
	char type, name[];
};

int deadlock_list_open(struct deadlock_list *ret, const char *path)
{
	ret->size = ret->at = 0;
	return own_fd_open(&ret->own, path, O_RDONLY | O_DIRECTORY);
}

static int number_of(const char *name)
{
	int number = 0;

	if (*name < '0' || *name > '9')
		return -1;
	for (; *name >= '0' && *name <= '9'; name++)
		number = number * 10 + (*name - '0');
	return number;
}

int deadlock_list_next(struct deadlock_list *list)
{
	const struct entry *entry;
	int number;

	for (;;) {
		if (list->at >= list->size) {
			list->at = 0;
			list->size = sys_getdents(list->own.fd, list->room, sizeof list->room);
			if (list->size <= 0)
				return -1;
		}
		entry = (const void *)(list->room + list->at);
		list->at += entry->size;
		number = number_of(entry->name);
		if (number >= 0)
			return number;
	}
}

void deadlock_list_close(struct deadlock_list *list)
{
	own_fd_close(&list->own);
}
