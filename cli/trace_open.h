/* SPDX-License-Identifier: MIT
 * The trace that a command was asked to read. */
#ifndef CLI_TRACE_OPEN_H
#define CLI_TRACE_OPEN_H

#include "cli/cli.h"
#include "trace/reader.h"

/* The directory: the operand, or else LOCKSHIM_TRACE. NULL: there is none, or one too many, and
 * that was said. */
const char *cli_trace_directory(const struct cli_arguments *arguments);

/* CLI_OK and a reader, or CLI_FAILED and it was said why. Damage is warned of as it is found. */
int cli_trace_open(const char *directory, struct trace_reader **ret);

/* The same, but where there is no trace yet: CLI_OK and NULL. */
int cli_trace_open_once_there(const char *directory, struct trace_reader **ret);

/* True once something of a trace could not be read, which was said. */
bool cli_trace_is_damaged(void);

/* Says how many events the writers left out, where they did. At the end of reading. */
void cli_trace_say_discarded(const struct trace_reader *reader);

#endif
