/* SPDX-License-Identifier: MIT
 * What ExecStart= comes to, with each command of a line and through env(1): what keeps the library
 * out of it, or takes a variable away on the way. */
#include "cli/doctor_calls.h"
#include "cli/memory.h"
#include "cli/program.h"
#include "cli/reach.h"
#include "cli/unit_plan.h"

#include <errno.h>
#include <string.h>

struct command {
	const struct cli_unit_plan *plan;
	const char *place;
	const char *words[64]; /* the last is NULL; more are not looked at */
	unsigned refused;
};

static void refuse(struct command *command, const char *what, const char *why)
{
	cli_unit_refuse(command->place, "%s %s", what, why);
	command->refused++;
}

static void tell(void *context, const char *file, const char *why)
{
	refuse(context, file, cli_memory_format("is %s", why));
}

static const char *base_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

/* Programs that run another one without handing LD_PRELOAD on. */
static void warn_of_wrapper(const char *place, const char *file)
{
	static const char *const names[] = { "sudo", "su", "doas", "pkexec", "runuser" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(base_of(file), names[i]))
			cli_unit_warn(place,
				      "%s may hand on no LD_PRELOAD; User= instead of it does",
				      names[i]);
	}
}

static void check_file(struct command *command, const char *file)
{
	const struct cli_unit_plan *plan = command->plan;
	const struct cli_library library = { plan->preload, plan->library,
					     !plan->library || strchr(plan->preload, '$') };
	const char *calls;

	cli_reach_each(file, &library, tell, command);
	warn_of_wrapper(command->place, file);
	calls = cli_calls_past_libc(file);
	if (calls)
		cli_unit_warn(command->place,
			      "%s calls the kernel's %s past libc: such calls stay "
			      "as they are",
			      file, calls);
}

static bool is_one_of(const char *word, const char *const *names)
{
	while (*names && strcmp(*names, word) != 0)
		names++;
	return *names;
}

/* What an option of env takes away: "-uNAME", "--unset=NAME", or NAME in the next word. */
static const char *unset_by(const char *word, const char *next)
{
	if (!strncmp(word, "--unset=", 8))
		return word + 8;
	if (!strcmp(word, "-u") || !strcmp(word, "--unset"))
		return next;
	return !strncmp(word, "-u", 2) ? word + 2 : NULL;
}

/* Words of env up to the command that it runs; NULL: it runs none, or can't be told. */
static const char *const *through_env(struct command *command, const char *const *word)
{
	static const char *const empties[] = { "-", "-i", "--ignore-environment", NULL };
	static const char *const take_one[] = { "-u", "--unset", "-C", "--chdir", NULL };

	for (; *word && (**word == '-' || strchr(*word, '=')); word++) {
		const char *unset = **word == '-' ? unset_by(*word, word[1]) : *word;

		if (is_one_of(*word, empties))
			refuse(command, *word, "takes LD_PRELOAD away; take it out of the line");
		if (unset && cli_unit_variable_in(unset))
			refuse(command, *word, "undoes a variable; take it out of the line");
		if (!strncmp(*word, "-S", 2) || !strncmp(*word, "--split-string", 14))
			cli_unit_warn(command->place, "%s: not looked at", *word);
		word += is_one_of(*word, take_one) && word[1];
	}
	return *word ? word : NULL;
}

static void check_words(struct command *command)
{
	const char *const *word = command->words;
	bool named = strchr(cli_memory_format("%.*s", (int)strspn(*word, "@-:+!|"), *word), '@');
	const char *name = *word + strspn(*word, "@-:+!|"), *file;

	while (name) {
		file = cli_program_search(name);
		if (!file) {
			cli_unit_warn(command->place, "%s: %s; not looked at", name,
				      strerror(errno));
			return;
		}
		check_file(command, file);
		if (strcmp(base_of(file), "env") != 0)
			return;
		word = through_env(command, word + 1 + (named && word[1]));
		name = word ? *word : NULL;
		named = false;
	}
}

/* The next command of the line at *TEXT; a word ";" ends it. False: no more. */
static bool next_command(struct command *command, const char **text)
{
	const size_t most = sizeof(command->words) / sizeof(command->words[0]) - 1;
	const struct cli_unit *unit = command->plan->unit;
	size_t count = 0;
	const char *word;

	for (;;) {
		const char *raw = *text + strspn(*text, " \t\n");
		bool ends = raw[0] == ';' && (!raw[1] || strchr(" \t\n", raw[1]));

		word = cli_unit_word(unit, text);
		if (!word || (ends && count))
			break;
		if (!ends && count < most)
			command->words[count++] = word;
	}
	command->words[count] = NULL;
	return count;
}

unsigned cli_unit_check_programs(const struct cli_unit_plan *plan)
{
	const struct cli_unit_setting *setting;
	unsigned refused = 0;
	size_t at = 0;

	if (!cli_unit_next(plan->unit, "ExecStart", &at)) {
		cli_unit_refuse(plan->unit->file, "no ExecStart= in a section [Service]: it starts "
						  "nothing");
		return 1;
	}
	at = 0;
	while ((setting = cli_unit_next(plan->unit, "ExecStart", &at))) {
		struct command command = {
			.plan = plan,
			.place = cli_memory_format("%s:%u", setting->file, setting->line),
		};
		const char *text = setting->value;

		while (next_command(&command, &text))
			check_words(&command);
		refused += command.refused;
	}
	return refused;
}
