/* SPDX-License-Identifier: MIT
 * The table, for people and for programs. */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static const char *verdict(const struct bench_result *result)
{
	if (result->limit <= 0)
		return "";
	if (result->base_ns <= 0)
		return "noise"; /* a difference of too few starts */
	return result_is_over(result) ? "over" : "ok";
}

static void text_line(const struct bench_result *result)
{
	char limit[16] = "-";

	if (result->limit > 0)
		snprintf(limit, sizeof(limit), "%.2f", result->limit);
	printf("%-3s %-48s ", result->name, result->text);
	if (result->problem)
		printf("not measured: %s\n", result->problem);
	else
		printf("%9.1f %9.1f  %5.3f (%5.3f-%5.3f)  %5s  %s\n", result->ns, result->base_ns,
		       result->ratio, result->q1, result->q3, limit, verdict(result));
}

/* What a traced call pays for its time hangs on it. */
static const char *clock_source(void)
{
	static char name[32];
	FILE *file =
		fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");

	if (!file || !fgets(name, sizeof name, file))
		strcpy(name, "unknown");
	name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
	return name;
}

void report_text(const struct bench_result *results, size_t count, const struct bench_place *place,
		 const struct bench_config *config)
{
	struct utsname host;

	uname(&host);
	printf("%s %s %s, CPU %d%s, clock %s, files on %s (%s)\n", host.sysname, host.release,
	       host.machine, config->cpu, config->first ? " (SCHED_RR)" : "", clock_source(),
	       place->text[VALUE_MOUNT], place->text[VALUE_FSTYPE]);
	printf("%d rounds of slices of %d pairs; %d starts. Median ratio, and its quartiles.\n\n",
	       config->rounds, config->slice, config->loads);
	printf("%-3s %-48s %9s %9s  %5s %-13s  %5s\n", "row", "what", "shim ns", "base ns", "ratio",
	       "(q1-q3)", "limit");
	for (size_t i = 0; i < count; i++)
		text_line(&results[i]);
}

static void json_string(const char *text)
{
	putchar('"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			printf("\\u%04x", (unsigned)(unsigned char)*text);
		else
			putchar(*text);
	putchar('"');
}

static void json_line(const struct bench_result *result)
{
	printf("{\"row\": \"%s\", \"text\": \"%s\"", result->name, result->text);
	if (result->limit > 0)
		printf(", \"limit\": %.2f", result->limit);
	if (result->problem) {
		printf(", \"problem\": ");
		json_string(result->problem);
	} else {
		printf(", \"shim_ns\": %.1f, \"base_ns\": %.1f, \"ratio\": %.4f", result->ns,
		       result->base_ns, result->ratio);
		printf(", \"q1\": %.4f, \"q3\": %.4f, \"over\": %s", result->q1, result->q3,
		       result_is_over(result) ? "true" : "false");
	}
	putchar('}');
}

void report_json(const struct bench_result *results, size_t count, const struct bench_place *place,
		 const struct bench_config *config)
{
	struct utsname host;

	uname(&host);
	printf("{\"kernel\": \"%s\", \"machine\": \"%s\", \"cpu\": %d, \"realtime\": %s, "
	       "\"fstype\": ",
	       host.release, host.machine, config->cpu, config->first ? "true" : "false");
	json_string(place->text[VALUE_FSTYPE]);
	printf(", \"clock\": ");
	json_string(clock_source());
	printf(",\n \"rounds\": %d, \"slice\": %d, \"loads\": %d,\n \"rows\": [", config->rounds,
	       config->slice, config->loads);
	for (size_t i = 0; i < count; i++) {
		printf(i ? ",\n  " : "\n  ");
		json_line(&results[i]);
	}
	printf("\n]}\n");
}
