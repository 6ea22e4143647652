/* SPDX-License-Identifier: MIT
 * Files, programs, processes and call sites of a trace, each by one pointer or number. */
#include "cli/report_inside.h"
#include "cli/memory.h"

#include <inttypes.h>
#include <string.h>

/* A file has the last name that a record gave it, for records that come without. */
struct file {
	struct cli_index_key key; /* device, inode */
	const char *path, *made;
};

struct program {
	struct cli_index_key key; /* two sums over the name */
	const char *name;
	uint32_t number;
	struct cli_report_row *row;
};

struct cli_report_process {
	const struct trace_process *process;
	struct program *program;
};

struct pid {
	struct cli_index_key key;
	const struct trace_process *process;
};

/* Parties' numbers don't meet: processes, programs, and processes that were not traced. */
enum { OF_PROGRAM = 1u << 30 };
#define OF_UNTRACED 0x80000000u

const char *cli_report_file(struct cli_report_model *model, uint64_t device, uint64_t inode,
			    const char *path)
{
	struct file *file;

	if (!device && !inode)
		return path ? path : "(unknown)";
	file = cli_index_get(&model->files, device, inode, sizeof(*file));
	if (path)
		return file->path = path;
	if (file->path)
		return file->path;
	if (!file->made)
		file->made = cli_memory_format("%" PRIu64 ":%" PRIu64 " inode %" PRIu64,
					       device >> 32, device & UINT32_MAX, inode);
	return file->made;
}

static uint64_t sum_of(const char *text, uint64_t sum)
{
	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 0x100000001b3u;
	return sum;
}

static struct program *program_of(struct cli_report_model *model, const char *name)
{
	struct program *program =
		cli_index_get(&model->programs, sum_of(name, 0xcbf29ce484222325u),
			      sum_of(name, 0x84222325cbf29ce4u), sizeof(*program));

	if (!program->name) {
		program->name = name;
		program->number = (uint32_t)model->programs.count;
	}
	return program;
}

void cli_report_meet(struct cli_report_model *model, struct trace_process *process)
{
	struct cli_report_process *met;
	struct pid *pid;

	if (process->user)
		return;
	met = process->user = cli_memory_get(sizeof(*met));
	met->process = process;
	met->program = program_of(model, process->program);
	pid = cli_index_get(&model->pids, process->pid, 0, sizeof(*pid));
	pid->process = process;
	model->processes++;
}

static struct program *program_of_process(const struct trace_process *process)
{
	return ((struct cli_report_process *)process->user)->program;
}

struct cli_report_party cli_report_party(const struct trace_process *process)
{
	const struct program *program = program_of_process(process);

	return (struct cli_report_party){ process->number + 1, process->pid, program->name,
					  OF_PROGRAM | program->number };
}

struct cli_report_party cli_report_party_of_program(struct cli_report_party party)
{
	if (party.program) {
		party.pid = 0;
		party.id = party.of_program;
	}
	return party;
}

struct cli_report_party cli_report_party_of_pid(struct cli_report_model *model, int32_t pid)
{
	const struct pid *known;

	if (pid <= 0)
		return (struct cli_report_party){ .program = NULL };
	known = cli_index_find(&model->pids, (uint64_t)pid, 0);
	if (known)
		return cli_report_party(known->process);
	return (struct cli_report_party){ .id = OF_UNTRACED | (uint32_t)pid, .pid = (uint32_t)pid };
}

static struct cli_report_row *row_get(struct cli_report_model *model, uint64_t one, uint64_t two,
				      const char *name)
{
	struct cli_report_row *row = cli_index_get(&model->rows, one, two, sizeof(*row));

	row->name = name;
	return row;
}

static struct cli_report_row *row_of_file(struct cli_report_model *model,
					  const struct cli_lock *lock)
{
	const char *name = cli_report_file(model, lock->device, lock->inode, lock->file);
	struct cli_report_row *row = row_get(model, (uintptr_t)name, lock->device, name);

	row->device = lock->device;
	row->inode = lock->inode;
	return row;
}

static struct cli_report_row *row_of_program(struct cli_report_model *model,
					     const struct cli_lock *lock)
{
	struct program *program = program_of_process(lock->process);

	if (!program->row)
		program->row = row_get(model, program->number, 0, program->name);
	return program->row;
}

static struct cli_report_row *row_of_site(struct cli_report_model *model,
					  const struct cli_lock *lock)
{
	struct cli_report_row *row =
		row_get(model, (uintptr_t)lock->module, lock->offset, lock->module);

	row->offset = lock->offset;
	return row;
}

struct cli_report_row *cli_report_row(struct cli_report_model *model, const struct cli_lock *lock)
{
	static struct cli_report_row *(*const of[CLI_BY_COUNT])(struct cli_report_model *,
								const struct cli_lock *) = {
		[CLI_BY_FILE] = row_of_file,
		[CLI_BY_PROGRAM] = row_of_program,
		[CLI_BY_SITE] = row_of_site,
	};

	return of[model->by](model, lock);
}
