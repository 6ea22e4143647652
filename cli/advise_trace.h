/* SPDX-License-Identifier: MIT
 * lockshim report --advise: the policy that the programs of a trace can run with. */
#ifndef CLI_ADVISE_TRACE_H
#define CLI_ADVISE_TRACE_H

#include "cli/cli.h"

/* Prints it, with a comment on each line that says why. Of the filters, those for path, program
 * and pid choose what is advised on; all of the trace is read. */
int cli_report_advise(const struct cli_arguments *arguments);

#endif
