/* SPDX-License-Identifier: MIT
 * Runs a libFuzzer entry without libFuzzer: over a corpus as it stands, then over a bounded number
 * of mutations, the same in every run. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 8192
#define INPUTS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct input {
	char bytes[INPUT_MAX];
	size_t size;
} inputs[INPUTS_MAX];
static size_t inputs_count;

static unsigned random_below(size_t limit)
{
	static uint64_t state = 7;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((state >> 33) % limit);
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void read_input(const char *directory, const char *name)
{
	struct input *input = &inputs[inputs_count];
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	if (!file)
		fail(path);
	input->size = fread(input->bytes, 1, sizeof(input->bytes), file);
	fclose(file);
	inputs_count++;
}

static int is_visible(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

static void read_corpus(const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_visible, alphasort);

	if (count < 1)
		fail(directory);
	for (int i = 0; i < count; i++) {
		if (inputs_count < INPUTS_MAX)
			read_input(directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

/* In a block of its own length, so that a sanitizer sees a step too far. */
static void run(const struct input *input)
{
	uint8_t *copy = malloc(input->size ? input->size : 1);

	if (!copy)
		fail("malloc");
	memcpy(copy, input->bytes, input->size);
	LLVMFuzzerTestOneInput(copy, input->size);
	free(copy);
}

static void cut(struct input *input)
{
	size_t at = random_below(input->size + 1), len = random_below(input->size - at + 1);

	memmove(input->bytes + at, input->bytes + at + len, input->size - at - len);
	input->size -= len;
}

/* A piece of some input goes into this one. */
static void splice(struct input *input)
{
	const struct input *other = &inputs[random_below(inputs_count)];
	size_t from = random_below(other->size + 1), len = random_below(other->size - from + 1);
	size_t at = random_below(input->size + 1);

	len %= 80;
	if (from + len > other->size || input->size + len > INPUT_MAX)
		return;
	memmove(input->bytes + at + len, input->bytes + at, input->size - at);
	memcpy(input->bytes + at, other->bytes + from, len);
	input->size += len;
}

static void flip(struct input *input)
{
	static const char bytes[] = "[]=,!\\/*?#;\r\n \0\xff%-az09";

	if (input->size)
		input->bytes[random_below(input->size)] = bytes[random_below(sizeof(bytes) - 1)];
}

static void mutate(struct input *input)
{
	static void (*const ways[])(struct input *) = { cut, splice, flip, flip };

	*input = inputs[random_below(inputs_count)];
	for (unsigned n = 1 + random_below(6); n; n--)
		ways[random_below(4)](input);
}

int main(int argc, char **argv)
{
	static struct input input;
	long rounds = argc == 3 ? strtol(argv[1], NULL, 10) : 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: %s ROUNDS CORPUS\n", argv[0]);
		return 2;
	}
	read_corpus(argv[2]);
	for (size_t i = 0; i < inputs_count; i++)
		run(&inputs[i]);
	for (; rounds; rounds--) {
		mutate(&input);
		run(&input);
	}
	return 0;
}
