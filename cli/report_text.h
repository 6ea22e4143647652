/* SPDX-License-Identifier: MIT
 * Words for what a model has. */
#ifndef CLI_REPORT_TEXT_H
#define CLI_REPORT_TEXT_H

#include "cli/report_model.h"

/* Each in memory of its own. */

/* Three digits with a unit: "950ns", "1.20ms", "12.5s"; from a minute on "2m05s", "3h07m". */
const char *cli_report_duration(uint64_t nanoseconds);

/* "php[12]", "php[12/14]" for a thread, "php[*]" for all processes of it, "pid 77, not traced". */
const char *cli_report_party_text(const struct cli_report_party *party, uint32_t tid);

/* Of the local time: "2026-11-21 20:11:02.123456". */
const char *cli_report_time(uint64_t time);

/* Names of the bits, joined by commas; "" where there are none. */
const char *cli_report_hazards(uint32_t hazards);

/* What can be done about one, in a line. */
const char *cli_report_cure(unsigned hazard);

/* Who is in the way of it, joined by commas; what is many is cut. */
const char *cli_report_holders(const struct cli_report_pending *pending);

/* "php[12] waits for /a, held by php[13], which waits for ..." */
const char *cli_report_cycle_text(const struct cli_report_cycle *cycle);

#endif
