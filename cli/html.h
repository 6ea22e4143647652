/* SPDX-License-Identifier: MIT
 * lockshim report --html: a trace as one page that needs no network. */
#ifndef CLI_HTML_H
#define CLI_HTML_H

#include "cli/cli.h"

/* Reads the trace that ARGUMENTS names, and writes the page of what its filters leave to FILE; "-":
 * to standard output. */
int cli_report_html(const struct cli_arguments *arguments, const char *file);

#endif
