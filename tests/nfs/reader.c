/* SPDX-License-Identifier: MIT
 * Reads, writes and maps files as told on standard input, one answer a line, and makes the calls
 * that could renew what a client keeps of a file. It knows nothing of lockshim. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "renewals.h"

#define MAPPED (1 << 20)

static int fd = -1;
static char *mapping;

/* The line's second and third word; each says its answer. */
struct words {
	const char *first, *second;
};

static void answer(int result)
{
	const char *name = result < 0 ? strerrorname_np(errno) : "ok";

	puts(name ? name : "unnamed");
}

static void obey_open(const struct words *words)
{
	fd = open(words->first, strcmp(words->second, "ro") == 0 ? O_RDONLY : O_RDWR);
	answer(fd);
}

static void obey_write(const struct words *words)
{
	answer((int)pwrite(fd, words->second, strlen(words->second),
			   strtol(words->first, NULL, 10)));
}

/* What stands there, to the first byte that is no text; a full stop where nothing does. */
static void say_text(const char *text, ssize_t length)
{
	ssize_t i = 0;

	while (i < length && text[i] > ' ' && text[i] <= '~')
		i++;
	printf("%.*s\n", i ? (int)i : 1, i ? text : ".");
}

static void obey_read(const struct words *words)
{
	char text[8];

	say_text(text, pread(fd, text, sizeof text, strtol(words->first, NULL, 10)));
}

static void obey_map(const struct words *words)
{
	(void)words;
	mapping = mmap(NULL, MAPPED, PROT_READ, MAP_SHARED, fd, 0);
	answer(mapping == MAP_FAILED ? -1 : 0);
}

static void obey_peek(const struct words *words)
{
	say_text(mapping + strtol(words->first, NULL, 10), 8);
}

static void obey_call(const struct words *words)
{
	answer(renewals_make(fd, words->first));
}

static void obey_close(const struct words *words)
{
	(void)words;
	if (mapping)
		munmap(mapping, MAPPED);
	mapping = NULL;
	answer(close(fd));
}

static const struct {
	const char *name;
	void (*obey)(const struct words *words);
} verbs[] = {
	{ "open", obey_open },   { "write", obey_write }, { "read", obey_read },
	{ "map", obey_map },     { "peek", obey_peek },   { "call", obey_call },
	{ "close", obey_close },
};

static void obey(const char *verb, const struct words *words)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, verb) == 0)
			verbs[i].obey(words);
}

/* Lines of "open FILE ro|rw", "write OFFSET TEXT", "read OFFSET", "map", "peek OFFSET" of the
 * mapping, "call NAME+NAME..." (renewals.h), "close". */
int main(void)
{
	char line[512], verb[16], first[256], second[64];

	while (fgets(line, sizeof line, stdin)) {
		first[0] = second[0] = '\0';
		if (sscanf(line, "%15s %255s %63s", verb, first, second) < 1)
			continue;
		obey(verb, &(struct words){ first, second });
		fflush(stdout);
	}
	return 0;
}
