/* SPDX-License-Identifier: MIT
 * lockshim report --perfetto: a timeline in the Trace Event Format, which ui.perfetto.dev and
 * chrome://tracing read. */
#ifndef CLI_PERFETTO_H
#define CLI_PERFETTO_H

#include "cli/cli.h"

/* Writes FILE. Returns the command's exit status, once said what went wrong. */
int cli_report_perfetto(const struct cli_arguments *arguments, const char *file);

#endif
