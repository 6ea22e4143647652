/* SPDX-License-Identifier: MIT
 * lockshim doctor: whether a place, a process or a command has the problem, and what to do. */
#include "cli/cli.h"
#include "cli/doctor_host.h"
#include "cli/doctor_path.h"
#include "cli/doctor_process.h"
#include "cli/doctor_service.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/program.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct visit {
	const struct cli_arguments *arguments;
	struct cli_policy policy;
	struct cli_process process;
	struct cli_doctor_service service;
	struct cli_json json;
	bool follows;
	int status;
};

static void worse(struct visit *visit, int status)
{
	visit->status = status > visit->status ? status : visit->status;
}

static void print(struct visit *visit, const struct cli_doctor *doctor)
{
	if (visit->arguments->json)
		cli_doctor_print_json(doctor, &visit->json);
	else if (visit->follows)
		printf("\n");
	if (!visit->arguments->json)
		cli_doctor_print_text(doctor);
	visit->follows = true;
	worse(visit, doctor->problems.count ? CLI_FAILED : CLI_OK);
}

/* The rule is that of the service, which has to have the library for it. */
static void add_service(const struct visit *visit, struct cli_doctor *doctor)
{
	const struct cli_doctor_service *service = &visit->service;

	if (!service->unit)
		return;
	cli_doctor_fact(doctor, "unit", service->unit);
	if (service->preloaded)
		return;
	cli_doctor_say(&doctor->problems, "%s does not preload the library: its calls pass",
		       service->unit);
	cli_doctor_say(&doctor->advice, "lockshim enable %s", service->unit);
}

static void visit_path(struct visit *visit, const char *path)
{
	struct cli_explained explained = { .policy = &visit->policy, .process = &visit->process };
	struct cli_doctor doctor;

	if (cli_doctor_path(path, visit->arguments->try_them, &explained, &doctor)) {
		add_service(visit, &doctor);
		print(visit, &doctor);
		return;
	}
	warn("%s", path);
	worse(visit, CLI_WRONG);
}

static void visit_pid(struct visit *visit, const char *text)
{
	struct cli_doctor doctor;
	char *end;
	long pid;

	errno = 0;
	pid = strtol(text, &end, 10);
	if (!*text || *end || errno || pid <= 0 || pid > INT32_MAX) {
		warnx("--pid %s: no process number", text);
		worse(visit, CLI_WRONG);
	} else if (!cli_doctor_pid((int)pid, &doctor)) {
		warnx("--pid %s: no such process", text);
		worse(visit, CLI_WRONG);
	} else {
		print(visit, &doctor);
	}
}

static void visit_command(struct visit *visit, const char *name)
{
	struct cli_explained explained = { .policy = &visit->policy, .process = &visit->process };
	const char *file = cli_program_search(name);
	struct cli_library library;
	struct cli_doctor doctor;

	if (!file) {
		warn("%s", name);
		worse(visit, CLI_WRONG);
		return;
	}
	if (cli_library_find(visit->arguments->library, &library) != CLI_OK) {
		worse(visit, CLI_WRONG);
		return;
	}
	cli_process_be(file, &visit->process.facts);
	policy_bind(visit->policy.policy, &visit->process.facts);
	cli_doctor_command(file, &library, &explained, &doctor);
	print(visit, &doctor);
}

/* What this host exports, and what it has mounted so that locks don't get through. */
static void visit_host(struct visit *visit)
{
	struct cli_explained explained = { .policy = &visit->policy, .process = &visit->process };
	struct cli_mounts mounts;
	struct policy_mount mount;
	struct cli_doctor doctor;
	const char *at;

	for (const char **path = cli_doctor_exports(); *path; path++)
		visit_path(visit, *path);
	cli_mounts_read(&mounts);
	for (at = mounts.text; cli_doctor_next_mount(&mounts, &at, &mount);) {
		cli_doctor_mount(&mount, &mounts, &explained, &doctor);
		print(visit, &doctor);
	}
	if (!visit->follows && !visit->arguments->json)
		printf("Nothing is exported over NFS, and no mount keeps locks on this host.\n");
}

static void visit_all(struct visit *visit, bool command)
{
	const struct cli_arguments *arguments = visit->arguments;

	if (!arguments->pids.count && !arguments->operands_count)
		visit_host(visit);
	for (size_t i = 0; i < arguments->pids.count; i++)
		visit_pid(visit, arguments->pids.at[i]);
	if (command)
		visit_command(visit, arguments->operands[0]);
	for (size_t i = 0; !command && i < arguments->operands_count; i++)
		visit_path(visit, arguments->operands[i]);
}

/* getopt steps over "--", and operands end the options: so it stands right before them. */
static bool is_command(const struct cli_arguments *arguments)
{
	return arguments->operands_count && !strcmp(arguments->operands[-1], "--");
}

static int run(const struct cli_arguments *arguments)
{
	struct visit visit = { .arguments = arguments };
	int status;

	if (!cli_proc_is_there())
		return CLI_WRONG;
	cli_doctor_take_service(arguments->service, &visit.service);
	status = cli_load(&visit.policy, arguments->policy_file, &arguments->set);
	if (status == CLI_OK)
		status = cli_process_make(arguments, &visit.process);
	if (status != CLI_OK)
		return status;
	if (visit.service.service)
		visit.process.facts.service = visit.service.service;
	policy_bind(visit.policy.policy, &visit.process.facts);
	if (arguments->json) {
		cli_json_open(&visit.json, NULL, '{');
		cli_json_open(&visit.json, "subjects", '[');
	}
	visit_all(&visit, is_command(arguments));
	if (arguments->json) {
		cli_json_close(&visit.json, ']');
		cli_json_close(&visit.json, '}');
	}
	return visit.status;
}

const struct cli_command cli_cmd_doctor = {
	.name = "doctor",
	.synopsis = "[options] [<path>... | --pid <pid>... | -- <command>]",
	.summary = "Say what is wrong with locks in a place or a program.",
	.takes = CLI_TAKES_POLICY | CLI_TAKES(SERVICE) | CLI_TAKES(PROGRAM) | CLI_TAKES(USER) |
		 CLI_TAKES(LIBRARY) | CLI_TAKES(PID) | CLI_TAKES(TRY) | CLI_TAKES(JSON),
	.ends_at_operand = true,
	.more_help =
		"Exits 0 where there is no problem, 1 where there is one, 2 where it could not\n"
		"look.\n",
	.run = run,
};
