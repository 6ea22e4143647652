/* SPDX-License-Identifier: MIT
 * Gathers what is found. */
#include "cli/doctor.h"
#include "cli/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cli_doctor_fact(struct cli_doctor *doctor, const char *name, const char *value)
{
	if (value && doctor->facts_count < sizeof(doctor->facts) / sizeof(doctor->facts[0]))
		doctor->facts[doctor->facts_count++] = (struct cli_doctor_fact){ name, value };
}

void cli_doctor_add(struct cli_doctor_lines *lines, const char *text)
{
	if (lines->count == lines->room) {
		size_t room = lines->room ? 2 * lines->room : 16;
		const char **at = cli_memory_get(room * sizeof(*at));

		if (lines->count)
			memcpy(at, lines->at, lines->count * sizeof(*at));
		lines->at = at;
		lines->room = room;
	}
	lines->at[lines->count++] = text;
}

void cli_doctor_say(struct cli_doctor_lines *lines, const char *format, ...)
{
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cli_doctor_add(lines, cli_memory_format("%s", text));
}
