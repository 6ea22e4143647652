/* SPDX-License-Identifier: MIT
 * doctor's look at a process, and at a command before it starts. */
#ifndef CLI_DOCTOR_PROCESS_H
#define CLI_DOCTOR_PROCESS_H

#include "cli/doctor.h"
#include "cli/library.h"

/* False where there is no such process. */
bool cli_doctor_pid(int pid, struct cli_doctor *ret);

/* FILE: as cli_program_search() found it. */
void cli_doctor_command(const char *file, const struct cli_library *library,
			const struct cli_explained *explained, struct cli_doctor *ret);

/* The executables that FILE comes to: what keeps the library out goes to problems. */
void cli_doctor_reach(const char *file, const struct cli_library *library,
		      struct cli_doctor *doctor);

#endif
