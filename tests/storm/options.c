/* SPDX-License-Identifier: MIT
 * The command line, from one table. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/storm/judge.h"

enum option_kind { KIND_FLAG, KIND_NUMBER, KIND_TEXT };

#define INTO(member) offsetof(struct judge, member)

static const struct {
	const char *name, *value, *what;
	enum option_kind kind;
	size_t into;
} table[] = {
	{ "seed", "N", "the same dice again; else by the clock", KIND_NUMBER, INTO(seed) },
	{ "seconds", "N", "30", KIND_NUMBER, INTO(seconds) },
	{ "jobs", "N", "processes a row: 1", KIND_NUMBER, INTO(jobs) },
	{ "only", "ROW[,ROW]", "these rows, and the outsider", KIND_TEXT, INTO(only) },
	{ "preload", "LIBS", "LD_PRELOAD of the hosts; none: bare", KIND_TEXT, INTO(preload) },
	{ "set", "ITEMS", "LOCKSHIM_SET of the hosts", KIND_TEXT, INTO(set) },
	{ "outsider", "FAMILY[,FAMILY]", "ofd, posix, flock, by turns: ofd", KIND_TEXT,
	  INTO(outsider) },
	{ "dir", "DIR", "where to make the files: /tmp", KIND_TEXT, INTO(directory) },
	{ "read-only", NULL, "with the row of that name", KIND_FLAG, INTO(read_only) },
	{ "expect-lost", NULL, "0 only where updates were lost", KIND_FLAG, INTO(expect_lost) },
	{ "list", NULL, "print the rows, and end", KIND_FLAG, INTO(list) },
};

#define OPTIONS (sizeof table / sizeof table[0])

static _Noreturn void usage(void)
{
	size_t i;

	fputs("usage: storm [OPTION]…\n", stderr);
	for (i = 0; i < OPTIONS; i++)
		fprintf(stderr, "  --%s %s: %s\n", table[i].name,
			table[i].value ? table[i].value : "", table[i].what);
	exit(2);
}

static int number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < 1 || value > 2000000000)
		usage();
	return (int)value;
}

static void take(struct judge *judge, size_t option, const char *value)
{
	void *into = (char *)judge + table[option].into;

	switch (table[option].kind) {
	case KIND_FLAG:
		*(bool *)into = true;
		break;
	case KIND_NUMBER:
		*(int *)into = number(value);
		break;
	case KIND_TEXT:
		*(const char **)into = value;
		break;
	}
}

static void read_families(struct judge *judge)
{
	static const char *const names[] = {
		[BY_FLOCK] = "flock", [BY_POSIX] = "posix", [BY_OFD] = "ofd"
	};
	char text[64], *word, *rest = NULL;
	int i;

	snprintf(text, sizeof text, "%s", judge->outsider);
	for (word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		for (i = 0; i < FAMILIES_MAX && strcmp(word, names[i]); i++)
			;
		if (i == FAMILIES_MAX || judge->families == FAMILIES_MAX)
			usage();
		judge->family[judge->families++] = (enum outsider_family)i;
	}
	if (!judge->families)
		usage();
}

static _Noreturn void list(void)
{
	unsigned i;

	for (i = 0; i < rows_count; i++)
		printf("%-16s %s\n", rows[i].name, rows[i].what);
	exit(0);
}

static bool is_among(const char *name, const char *names)
{
	size_t len = strlen(name);

	for (; names; names = strchr(names, ',')) {
		names += *names == ',';
		if (!strncmp(names, name, len) && (!names[len] || names[len] == ','))
			return true;
	}
	return false;
}

const char *judge_leaves_out(const struct judge *judge, const struct row *row)
{
	if (judge->only && row->run && !is_among(row->name, judge->only))
		return "not asked for";
	if (row->flags & ROW_DESCRIPTION && storm.ledger->by_process)
		return "under posix a lock belongs to the process";
	if (row->flags & ROW_RECORDS && !(judge->set && strstr(judge->set, "fcntl=ofd")))
		return "record locks don't meet flocks, or are lost at a close";
	if (row->flags & ROW_OPEN_MODE && !judge->read_only)
		return "without --read-only";
#ifdef __SANITIZE_THREAD__
	if (row->flags & ROW_NO_TSAN)
		return "tsan follows no child that shares memory";
#endif
	return NULL;
}

static void check_names(const struct judge *judge)
{
	const char *at = judge->only;
	unsigned i;

	for (; at; at = strchr(at, ',')) {
		at += *at == ',';
		for (i = 0; i < rows_count; i++)
			if (!strncmp(at, rows[i].name, strcspn(at, ",")) &&
			    !rows[i].name[strcspn(at, ",")])
				break;
		if (i == rows_count)
			usage();
	}
}

void options_take(struct judge *judge, int argc, char **argv)
{
	struct option names[OPTIONS + 1] = { { NULL, 0, NULL, 0 } };
	int letter, option;
	size_t i;

	for (i = 0; i < OPTIONS; i++) {
		names[i].name = table[i].name;
		names[i].has_arg = table[i].value ? required_argument : no_argument;
	}
	while ((letter = getopt_long(argc, argv, "", names, &option)) == 0)
		take(judge, (size_t)option, optarg);
	if (letter != -1 || optind != argc)
		usage();
	if (judge->list)
		list();
	read_families(judge);
	check_names(judge);
	if (!judge->seed)
		judge->seed = (int)(time(NULL) % 1000000000) + 1;
}
