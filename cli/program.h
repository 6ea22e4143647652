/* SPDX-License-Identifier: MIT
 * Which files run when a command is executed: PATH searched, #! lines and env followed. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_PROGRAM_STEPS 6

struct cli_program_step {
	const char *file;
	bool executed; /* by a name of its own: the command itself, and what env or execvp runs */
};

/* From the command to what interprets it in the end. */
struct cli_program {
	struct cli_program_step steps[CLI_PROGRAM_STEPS];
	size_t count;
};

/* The file that execvp would run for NAME, or NULL with errno as execvp has it. */
const char *cli_program_search(const char *name);

/* The steps from FILE on. What can't be read ends them. */
void cli_program_follow(const char *file, struct cli_program *ret);

#endif
