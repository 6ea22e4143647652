/* SPDX-License-Identifier: MIT
 * The tables that a page's spans refer to: of each only what is referred to. */
#include "cli/html_data_inside.h"
#include "cli/symbols.h"
#include "policy/policy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct file {
	const char *path;
	uint64_t device, inode;
};

struct site {
	const char *module;
	uint64_t offset;
};

static int64_t name(struct cli_html_out *out, const char *text)
{
	return text ? (int64_t)cli_html_set_add(&out->tables.names, &text) : -1;
}

static int64_t file(struct cli_html_out *out, const struct cli_html_call *of)
{
	struct file key = { of->file, of->device, of->inode };

	if (!of->file && !of->inode)
		return -1;
	return cli_html_set_add(&out->tables.files, &key);
}

static int64_t site(struct cli_html_out *out, const struct cli_html_call *of)
{
	struct site key = { of->module, of->offset };

	return of->module ? (int64_t)cli_html_set_add(&out->tables.sites, &key) : -1;
}

static void put_call(struct cli_html_out *out, const struct cli_html_call *of)
{
	struct cli_html_text *text = out->text;

	cli_html_put_number(text, of->call);
	cli_html_put_number(text, of->operation);
	cli_html_put_number(text, of->asked);
	cli_html_put_number(text, of->used);
	cli_html_put_number(text, of->flags);
	cli_html_put_signed(text, of->fd);
	cli_html_put_signed(text, of->error);
	cli_html_put_number(text, of->hazards);
	cli_html_put_signed(text, file(out, of));
	cli_html_put_signed(text, of->start);
	cli_html_put_signed(text, of->length);
	cli_html_put_signed(text, name(out, of->rule));
	cli_html_put_signed(text, site(out, of));
	if (of->error)
		cli_html_set_add(&out->tables.errors, &of->error);
}

static void put_calls(struct cli_html_out *out)
{
	cli_html_open_key(out, "calls", "[");
	for (size_t i = 0; i < out->tables.calls.count && !out->text->full; i++)
		put_call(out, cli_html_set_at(&out->tables.calls, i));
	cli_html_put_raw(out->text, "]");
}

static void put_files(struct cli_html_out *out)
{
	cli_html_open_key(out, "files", "[");
	for (size_t i = 0; i < out->tables.files.count && !out->text->full; i++) {
		const struct file *at = cli_html_set_at(&out->tables.files, i);
		char device[32];

		snprintf(device, sizeof(device), "%" PRIu64 ":%" PRIu64, at->device >> 32,
			 at->device & UINT32_MAX);
		cli_html_put_raw(out->text, i ? ",[" : "[");
		cli_html_put_signed(out->text, name(out, at->path));
		cli_html_put_string(out->text, device);
		cli_html_put_number(out->text, at->inode);
		cli_html_put_raw(out->text, "]");
	}
	cli_html_put_raw(out->text, "]");
}

static void put_sites(struct cli_html_out *out)
{
	cli_html_open_key(out, "sites", "[");
	for (size_t i = 0; i < out->tables.sites.count && !out->text->full; i++) {
		const struct site *at = cli_html_set_at(&out->tables.sites, i);

		cli_html_put_raw(out->text, i ? ",[" : "[");
		cli_html_put_signed(out->text, name(out, at->module));
		cli_html_put_number(out->text, at->offset);
		cli_html_put_signed(out->text, name(out, cli_symbols_name(at->module, at->offset)));
		cli_html_put_raw(out->text, "]");
	}
	cli_html_put_raw(out->text, "]");
}

static void put_lanes(struct cli_html_out *out)
{
	cli_html_open_key(out, "lanes", "[");
	for (size_t i = 0; i < out->tables.lanes.count; i++) {
		const struct cli_html_lane *at = cli_html_set_at(&out->tables.lanes, i);

		cli_html_put_raw(out->text, i ? ",[" : "[");
		cli_html_put_number(out->text,
				    cli_html_set_add(&out->tables.processes, &at->process));
		cli_html_put_number(out->text, at->tid);
		cli_html_put_raw(out->text, "]");
	}
	cli_html_put_raw(out->text, "]");
}

static void put_processes(struct cli_html_out *out)
{
	cli_html_open_key(out, "processes", "[");
	for (size_t i = 0; i < out->tables.processes.count; i++) {
		const struct trace_process *at =
			*(const struct trace_process *const *)cli_html_set_at(
				&out->tables.processes, i);

		cli_html_put_raw(out->text, i ? ",[" : "[");
		cli_html_put_number(out->text, at->pid);
		cli_html_put_number(out->text, at->uid);
		cli_html_put_signed(out->text, name(out, at->program));
		cli_html_put_signed(out->text, (int64_t)(at->started - out->origin));
		cli_html_put_raw(out->text, "]");
	}
	cli_html_put_raw(out->text, "]");
}

static void put_names(struct cli_html_out *out)
{
	cli_html_open_key(out, "names", "[");
	for (size_t i = 0; i < out->tables.names.count && !out->text->full; i++)
		cli_html_put_string(out->text,
				    *(const char *const *)cli_html_set_at(&out->tables.names, i));
	cli_html_put_raw(out->text, "]");
}

static void put_list(struct cli_html_out *out, const char *key, const char *const *words)
{
	cli_html_put_raw(out->text, "\"");
	cli_html_put_raw(out->text, key);
	cli_html_put_raw(out->text, "\":[");
	for (; *words; words++)
		cli_html_put_string(out->text, *words);
	cli_html_put_raw(out->text, "],");
}

static void put_words(struct cli_html_out *out)
{
	cli_html_open_key(out, "words", "{");
	put_list(out, "calls", trace_call_names);
	put_list(out, "operations", trace_operation_names);
	put_list(out, "families", trace_family_names);
	put_list(out, "hazards", trace_hazard_names);
	cli_html_put_raw(out->text, "\"contention\":[");
	cli_html_put_number(out->text, EAGAIN);
	cli_html_put_number(out->text, EACCES);
	cli_html_put_raw(out->text, "],\"errors\":{");
	for (size_t i = 0; i < out->tables.errors.count; i++) {
		int number = *(const int *)cli_html_set_at(&out->tables.errors, i);
		char key[32];

		snprintf(key, sizeof(key), "%s\"%d\":", i ? "," : "", number);
		cli_html_put_raw(out->text, key);
		cli_html_put_string(out->text, policy_errno_name(number));
	}
	cli_html_put_raw(out->text, "}}");
}

void cli_html_tables_put(struct cli_html_out *out)
{
	put_calls(out);
	put_files(out);
	put_sites(out);
	put_lanes(out);
	put_processes(out);
	put_names(out);
	put_words(out);
}

void cli_html_tables_init(struct cli_html_tables *tables)
{
	*tables = (struct cli_html_tables){
		.names.size = sizeof(const char *),
		.files.size = sizeof(struct file),
		.sites.size = sizeof(struct site),
		.processes.size = sizeof(const struct trace_process *),
		.calls.size = sizeof(struct cli_html_call),
		.lanes.size = sizeof(struct cli_html_lane),
		.errors.size = sizeof(int),
	};
}

void cli_html_tables_clear(struct cli_html_tables *tables)
{
	struct cli_html_set *sets[] = {
		&tables->names, &tables->files, &tables->sites,  &tables->processes,
		&tables->calls, &tables->lanes, &tables->errors,
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		cli_html_set_clear(sets[i]);
}
