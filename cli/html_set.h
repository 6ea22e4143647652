/* SPDX-License-Identifier: MIT
 * Numbers things of one size from 0 up, equal ones alike: for the tables of a page. */
#ifndef CLI_HTML_SET_H
#define CLI_HTML_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed but for `size`: an empty one. */
struct cli_html_set {
	size_t size, count, room;
	unsigned char *items;
	uint32_t *slots; /* number + 1; 0: free */
	size_t slots_count;
};

/* The number of what has the same bytes as ITEM; padding has to be zeroed. */
uint32_t cli_html_set_add(struct cli_html_set *set, const void *item);

bool cli_html_set_has(const struct cli_html_set *set, const void *item);

/* Until the next add. */
static inline const void *cli_html_set_at(const struct cli_html_set *set, size_t number)
{
	return set->items + number * set->size;
}

/* Empties it and gives its memory back. */
void cli_html_set_clear(struct cli_html_set *set);

/* ITEMS with room for more than COUNT of SIZE bytes. Ends the command where there is no memory. */
void *cli_html_grow(void *items, size_t count, size_t *room, size_t size);

#endif
