/* SPDX-License-Identifier: MIT
 * Follows a command to the executable that runs in the end. */
#include "cli/program.h"
#include "cli/memory.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256 /* as much of a #! line as the kernel reads */
#define BLANK " \t"

static bool runs(const char *file)
{
	struct stat st;

	if (stat(file, &st))
		return false;
	if (S_ISREG(st.st_mode) && !access(file, X_OK))
		return true;
	errno = EACCES;
	return false;
}

/* As execvp: a file that may not be run is remembered, and the search goes on. */
static const char *search_path(const char *name)
{
	const char *path = getenv("PATH");
	bool refused = false;

	if (!path)
		path = "/bin:/usr/bin";
	for (;;) {
		size_t len = strcspn(path, ":");
		const char *file =
			cli_memory_format("%.*s%s%s", (int)len, path, len ? "/" : "", name);

		if (runs(file))
			return file;
		refused |= errno == EACCES;
		if (!path[len])
			break;
		path += len + 1;
	}
	errno = refused ? EACCES : ENOENT;
	return NULL;
}

const char *cli_program_search(const char *name)
{
	if (!*name) {
		errno = ENOENT;
		return NULL;
	}
	if (!strchr(name, '/'))
		return search_path(name);
	return runs(name) ? name : NULL;
}

/* The next word of a #! line; NULL at its end. */
static const char *next_word(const char **line)
{
	size_t len;
	const char *word;

	*line += strspn(*line, BLANK);
	len = strcspn(*line, BLANK "\n");
	if (!len)
		return NULL;
	word = cli_memory_format("%.*s", (int)len, *line);
	*line += len;
	return word;
}

/* What `env -S A=b COMMAND` runs. */
static const char *run_by_env(const char *arguments)
{
	const char *word;

	while ((word = next_word(&arguments))) {
		if (word[0] != '-' && !strchr(word, '='))
			return cli_program_search(word);
	}
	return NULL;
}

static bool is_env(const char *file)
{
	const char *slash = strrchr(file, '/');

	return !strcmp(slash ? slash + 1 : file, "env");
}

static void add(struct cli_program *program, const char *file, bool executed)
{
	if (file && program->count < CLI_PROGRAM_STEPS)
		program->steps[program->count++] = (struct cli_program_step){ file, executed };
}

/* The first bytes of FILE; false where it can't be read. */
static bool read_start(const char *file, char line[LINE_MAX_BYTES + 1])
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : read(fd, line, LINE_MAX_BYTES);

	if (fd >= 0)
		close(fd);
	line[got > 0 ? got : 0] = '\0';
	return got >= 0;
}

/* Adds what runs FILE; false where FILE runs by itself. */
static bool add_next(struct cli_program *program, const char *file)
{
	char start[LINE_MAX_BYTES + 1];
	const char *line = start + 2;
	const char *interpreter;

	if (!read_start(file, start) || !memcmp(start, ELFMAG, SELFMAG))
		return false;
	if (memcmp(start, "#!", 2) != 0) {
		add(program, "/bin/sh", true); /* execvp does so on ENOEXEC */
		return true;
	}
	interpreter = next_word(&line);
	add(program, interpreter, false);
	if (interpreter && is_env(interpreter))
		add(program, run_by_env(line), true);
	return interpreter;
}

void cli_program_follow(const char *file, struct cli_program *ret)
{
	*ret = (struct cli_program){ .count = 0 };
	add(ret, file, true);
	for (size_t last = 0; last != ret->count && ret->count < CLI_PROGRAM_STEPS;) {
		last = ret->count;
		if (!add_next(ret, ret->steps[last - 1].file))
			break;
	}
}
