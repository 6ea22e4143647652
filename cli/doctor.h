/* SPDX-License-Identifier: MIT
 * What doctor found out of one subject, gathered before it is printed. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/doctor_families.h"
#include "cli/doctor_try.h"
#include "cli/doctor_users.h"
#include "cli/explain.h"

struct cli_doctor_fact {
	const char *name, *value; /* name: as it stands in the text; in JSON with hyphens */
};

/* Lines of one sort. */
struct cli_doctor_lines {
	const char **at;
	size_t count, room;
};

struct cli_doctor {
	const char *subject;
	struct cli_doctor_fact facts[16];
	size_t facts_count;
	const struct cli_families *families; /* NULL: no file is looked at */
	const struct cli_tried *tried;       /* NULL: not asked for */
	const struct cli_explained *explained;
	const struct cli_users *users;
	const struct cli_users *locks; /* of one process, a row a file */
	struct cli_doctor_lines problems, notes;
	struct cli_doctor_lines advice; /* what to do, in words */
	struct cli_doctor_lines paste;  /* lines of a policy */
};

/* A fact; NULL as value leaves it out. */
void cli_doctor_fact(struct cli_doctor *doctor, const char *name, const char *value);

void cli_doctor_add(struct cli_doctor_lines *lines, const char *text);
/* As printf. */
void cli_doctor_say(struct cli_doctor_lines *lines, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void cli_doctor_print_text(const struct cli_doctor *doctor);
void cli_doctor_print_json(const struct cli_doctor *doctor, struct cli_json *json);

#endif
