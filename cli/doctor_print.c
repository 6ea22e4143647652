/* SPDX-License-Identifier: MIT
 * doctor's answer as text and as JSON. */
#include "cli/doctor.h"
#include "cli/escape.h"
#include "cli/memory.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

static void print_facts(const struct cli_doctor *doctor)
{
	printf("%s\n", cli_escape_line(doctor->subject));
	for (size_t i = 0; i < doctor->facts_count; i++)
		printf("  %-14s %s\n", doctor->facts[i].name,
		       cli_escape_line(doctor->facts[i].value));
}

static void print_families(const struct cli_families *families)
{
	struct libscols_table *table = cli_table_new((const char *const[]){
		"FAMILY", "KEEPS OUT FLOCK", "KEEPS OUT FCNTL, OFD", "WHERE", NULL });
	const char *meets = cli_meets_text(families->meets);

	cli_table_add(table, (const char *const[]){ "flock", "yes", meets, families->flock });
	cli_table_add(table,
		      (const char *const[]){ "fcntl, lockf, OFD", meets, "yes", families->record });
	printf("\nBy the file system's type:\n");
	cli_table_print(table);
}

static void print_tried(const struct cli_tried *tried)
{
	struct libscols_table *table;

	if (!tried || !tried->done)
		return;
	table = cli_table_new(
		(const char *const[]){ "HOLDER", "KEEPS OUT FLOCK", "FCNTL, LOCKF", "OFD", NULL });
	for (int i = 0; i < CLI_TRY_FAMILIES; i++) {
		enum cli_try_family holder = (enum cli_try_family)i;

		cli_table_add(table,
			      (const char *const[]){ cli_try_names[i],
						     cli_try_text(tried, holder, CLI_TRY_FLOCK),
						     cli_try_text(tried, holder, CLI_TRY_POSIX),
						     cli_try_text(tried, holder, CLI_TRY_OFD) });
	}
	printf("\nTried on this host:\n");
	cli_table_print(table);
}

static void print_calls(const struct cli_explained *explained)
{
	struct libscols_table *table =
		cli_table_new((const char *const[]){ "CALL", "BECOMES", NULL });
	bool changed, any = false;

	for (size_t i = 0; i < cli_calls_count; i++) {
		const char *becomes =
			cli_calls_becomes(&cli_calls[i], &explained->verdict, &changed);

		if (changed)
			cli_table_add(table, (const char *const[]){ cli_calls[i].text, becomes });
		any |= changed;
	}
	if (any)
		printf("\nWhat the policy changes:\n");
	cli_table_print(table);
}

static void print_users(const struct cli_doctor *doctor)
{
	struct libscols_table *table;

	if (!doctor->users || !doctor->users->count)
		return;
	table = cli_table_new((const char *const[]){ "PID", "COMMAND", "SERVICE", "STATE", "HASH",
						     "HOLDS", "FILE", NULL });
	for (size_t i = 0; i < doctor->users->count; i++) {
		const struct cli_user *user = &doctor->users->at[i];
		const char *service = cli_converted_service(user->who);

		cli_table_add(table,
			      (const char *const[]){
				      cli_memory_format("%d", user->who->proc.pid),
				      user->who->proc.name, service ? service : "-",
				      user->who->seen ? cli_converted_word(user->who->state) : "?",
				      cli_converted_hash_text(user->who),
				      cli_users_families(user->families), user->path });
	}
	printf("\nWho uses %s:\n", doctor->locks ? "the same files" : "it");
	cli_table_print(table);
}

static void print_locks(const struct cli_users *locks)
{
	struct libscols_table *table;

	if (!locks || !locks->count)
		return;
	table = cli_table_new((const char *const[]){ "HOLDS", "FILE", NULL });
	for (size_t i = 0; i < locks->count; i++)
		cli_table_add(table,
			      (const char *const[]){ cli_users_families(locks->at[i].families),
						     locks->at[i].path });
	printf("\nIts locks, as the kernel has them:\n");
	cli_table_print(table);
}

static void print_lines(const char *heading, const struct cli_doctor_lines *lines,
			const char *before)
{
	if (lines->count)
		printf("\n%s\n", heading);
	for (size_t i = 0; i < lines->count; i++)
		printf("%s%s\n", before, cli_escape_line(lines->at[i]));
}

void cli_doctor_print_text(const struct cli_doctor *doctor)
{
	print_facts(doctor);
	if (doctor->families)
		print_families(doctor->families);
	print_tried(doctor->tried);
	if (doctor->explained)
		print_calls(doctor->explained);
	print_locks(doctor->locks);
	print_users(doctor);
	print_lines("Notes:", &doctor->notes, "- ");
	print_lines("Problems:", &doctor->problems, "! ");
	print_lines("What to do:", &doctor->advice, "- ");
	if (doctor->paste.count)
		printf("\n");
	for (size_t i = 0; i < doctor->paste.count; i++)
		printf("%s\n", cli_escape_line(doctor->paste.at[i]));
	if (!doctor->problems.count)
		printf("\nNo problem found.\n");
}

static void json_lines(struct cli_json *json, const char *key, const struct cli_doctor_lines *lines)
{
	cli_json_open(json, key, '[');
	for (size_t i = 0; i < lines->count; i++)
		cli_json_text(json, NULL, lines->at[i]);
	cli_json_close(json, ']');
}

static const char *with_hyphens(const char *name)
{
	char *key = cli_memory_format("%s", name);

	for (char *at = key; (at = strchr(at, ' '));)
		*at = '-';
	return key;
}

static void json_families(struct cli_json *json, const struct cli_families *families)
{
	static const char *const meets[] = { "no", "yes", "unknown" };

	cli_json_open(json, "families", '{');
	cli_json_text(json, "flock-meets-record", meets[families->meets]);
	cli_json_text(json, "flock-where", families->flock);
	cli_json_text(json, "record-where", families->record);
	cli_json_close(json, '}');
}

static void json_tried(struct cli_json *json, const struct cli_tried *tried)
{
	static const char *const keys[] = { "flock", "fcntl", "ofd" };

	cli_json_open(json, "tried", '{');
	for (int i = 0; i < CLI_TRY_FAMILIES; i++) {
		cli_json_open(json, keys[i], '{');
		for (int j = 0; j < CLI_TRY_FAMILIES; j++)
			cli_json_text(json, keys[j],
				      cli_try_text(tried, (enum cli_try_family)i,
						   (enum cli_try_family)j));
		cli_json_close(json, '}');
	}
	cli_json_close(json, '}');
}

static void json_locks(struct cli_json *json, const struct cli_users *locks)
{
	cli_json_open(json, "locks", '[');
	for (size_t i = 0; i < locks->count; i++) {
		cli_json_open(json, NULL, '{');
		cli_json_text(json, "holds", cli_users_families(locks->at[i].families));
		cli_json_text(json, "file", locks->at[i].path);
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

static void json_users(struct cli_json *json, const struct cli_users *users)
{
	cli_json_open(json, "users", '[');
	for (size_t i = 0; i < users->count; i++) {
		const struct cli_user *user = &users->at[i];
		const char *holds = cli_users_families(user->families);

		cli_json_open(json, NULL, '{');
		cli_json_number(json, "pid", user->who->proc.pid);
		cli_json_text(json, "command", user->who->proc.name);
		cli_json_text(json, "service", cli_converted_service(user->who));
		cli_json_text(json, "state",
			      user->who->seen ? cli_converted_word(user->who->state) : NULL);
		cli_json_text(json, "hash",
			      user->who->has_hash ? cli_converted_hash_text(user->who) : NULL);
		cli_json_text(json, "holds", strcmp(holds, "-") ? holds : NULL);
		cli_json_text(json, "file", user->path);
		cli_json_close(json, '}');
	}
	cli_json_close(json, ']');
}

void cli_doctor_print_json(const struct cli_doctor *doctor, struct cli_json *json)
{
	cli_json_open(json, NULL, '{');
	cli_json_text(json, "subject", doctor->subject);
	for (size_t i = 0; i < doctor->facts_count; i++)
		cli_json_text(json, with_hyphens(doctor->facts[i].name), doctor->facts[i].value);
	if (doctor->families)
		json_families(json, doctor->families);
	if (doctor->tried && doctor->tried->done)
		json_tried(json, doctor->tried);
	if (doctor->locks)
		json_locks(json, doctor->locks);
	if (doctor->users)
		json_users(json, doctor->users);
	json_lines(json, "notes", &doctor->notes);
	json_lines(json, "problems", &doctor->problems);
	json_lines(json, "advice", &doctor->advice);
	json_lines(json, "policy-lines", &doctor->paste);
	cli_json_close(json, '}');
}
