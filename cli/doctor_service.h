/* SPDX-License-Identifier: MIT
 * What a systemd service of a name gives to its processes of the library's variables. */
#ifndef CLI_DOCTOR_SERVICE_H
#define CLI_DOCTOR_SERVICE_H

#include <stdbool.h>

struct cli_doctor_service {
	const char *unit;    /* NULL: no unit has the name */
	const char *service; /* its LOCKSHIM_SERVICE, or NULL */
	bool preloaded;      /* its LD_PRELOAD has the library */
};

/* Where SERVICE is a unit, what it sets of LOCKSHIM_POLICY, _SET, _TRACE and _LOG goes into this
 * command's own environment, but for what is set there. */
void cli_doctor_take_service(const char *service, struct cli_doctor_service *ret);

#endif
