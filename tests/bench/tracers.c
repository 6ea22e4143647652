/* SPDX-License-Identifier: MIT
 * Tracers that are not ours: how each is asked for every flock of a program, and nothing else. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the words come the output, the program and the file. */
static const struct {
	const char *package;
	const char *words[TRACER_WORDS - 4];
} tracers[TRACER_COUNT] = {
	[TRACER_STRACE] = { "strace", { "strace", "-f", "-e", "trace=flock", "-o" } },
	[TRACER_LTRACE] = { "ltrace", { "ltrace", "-f", "-e", "flock", "-o" } },
	[TRACER_PERF] = { "linux-perf", { "perf", "trace", "-e", "flock", "-o" } },
	[TRACER_LTTNG] = { "liblttng-ust-dev and lttng-tools", { NULL } },
};

void tracer_command(enum bench_tracer tracer, const char *output, const char *program,
		    const char *lock_file, const char *ret[TRACER_WORDS])
{
	size_t count = 0;

	while (tracers[tracer].words[count]) {
		ret[count] = tracers[tracer].words[count];
		count++;
	}
	if (count)
		ret[count++] = output;
	ret[count++] = program;
	ret[count++] = lock_file;
	ret[count] = NULL;
}

const char *tracer_package(enum bench_tracer tracer)
{
	return tracers[tracer].package;
}

unsigned long tracer_count(const char *output)
{
	FILE *file = fopen(output, "re");
	unsigned long count = 0;
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (strstr(line, "flock("))
			count++;
	free(line);
	if (file)
		fclose(file);
	return count;
}
