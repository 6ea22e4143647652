/* SPDX-License-Identifier: MIT
 * Any bytes as policy, overlay, passwd and mountinfo: what must hold of the answers, whatever they
 * are. The input's parts are divided by lines of "%%". */
#include "policy/policy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 4
#define DIVIDER "\n%%\n"

struct part {
	const char *text;
	size_t len;
};

struct block {
	struct block *next;
	_Alignas(max_align_t) char bytes[];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void *more(void *context, size_t size)
{
	struct block **blocks = context, *block = calloc(1, sizeof(*block) + size);

	require(block);
	block->next = *blocks;
	*blocks = block;
	return block->bytes;
}

static void divide(const uint8_t *data, size_t size, struct part parts[PARTS])
{
	const char *at = (const char *)data, *end = at + size;

	for (int i = 0; i < PARTS; i++) {
		const char *stop = i < PARTS - 1 && at < end
					   ? memmem(at, (size_t)(end - at), DIVIDER, 4)
					   : NULL;

		parts[i] = (struct part){ at, (size_t)((stop ? stop : end) - at) };
		at = stop ? stop + 4 : end;
	}
}

static void check_error(const struct policy_error *err, const char *name, const struct part *part)
{
	size_t len = strlen(err->text);

	require(len && len < sizeof(err->text) && err->text[len - 1] != '.');
	require(err->file && (err->line || !err->column));
	if (!strcmp(err->file, name))
		require(err->line <= part->len + 1 && err->column <= part->len + 1);
	for (size_t i = 0; i < len; i++)
		require((unsigned char)err->text[i] >= ' ' && err->text[i] != 0x7f);
}

/* What contradicts itself gets past neither file nor overlay. */
static void check_actions(const struct policy_actions *actions)
{
	const int *value = actions->value;

	require(value[POLICY_FLOCK] != POLICY_FLOCK_SUCCEED || value[POLICY_UNSAFE]);
	require(value[POLICY_FCNTL] != POLICY_FCNTL_SUCCEED || value[POLICY_UNSAFE]);
	require(value[POLICY_OFD_CALLS] != POLICY_OFD_CALLS_SUCCEED || value[POLICY_UNSAFE]);
	require(value[POLICY_FLOCK] != POLICY_FLOCK_BOTH ||
		value[POLICY_UPGRADE] != POLICY_UPGRADE_ATOMIC);
}

/* The rule that decides is the first that fits, and never one the process is not bound to. */
static void check_verdict(const struct policy *policy, const struct policy_process *process,
			  const struct policy_file *file)
{
	const struct policy_rule *rule, *expected = NULL;
	const struct policy_actions *actions = policy_decide(policy, file, &rule);
	const unsigned used =
		policy_flock_families((enum policy_flock_value)actions->value[POLICY_FLOCK]);
	unsigned families;

	for (size_t i = 0; i < policy->rules_count && !expected; i++)
		if (policy_rule_misfit(policy->rules[i], process, file) < 0)
			expected = policy->rules[i];
	require(rule == expected);
	require(actions == (rule ? &rule->actions : &policy->no_rule));
	check_actions(actions);
	families = policy_families(policy, file);
	require(families & POLICY_FAMILY_NATIVE);
	if (!actions->value[POLICY_SHADOW])
		require(!(used & ~families));
}

static void check_process(const struct policy *policy)
{
	static const enum policy_action directories[] = { POLICY_STATE_DIR,
							  POLICY_TRACE_DIRECTORY };
	const char *log = policy_process_text(policy, POLICY_LOG_TO);

	for (size_t i = 0; i < 2; i++) {
		const char *directory = policy_process_text(policy, directories[i]);

		require(!directory ||
			(*directory == '/' && strlen(directory) <= POLICY_DIRECTORY_MAX));
	}
	require(!log || *log == '/' || !strcmp(log, "stderr") || !strcmp(log, "syslog"));
	require(policy_process_size(policy, POLICY_TRACE_SIZE) >= 64 << 10);
}

static void check_verdicts(struct policy *policy, const struct part *passwd,
			   const struct part *mounts)
{
	static const char *const paths[] = { "/srv/mail/x.lock", "/a", "/", NULL };
	const struct policy_process processes[] = {
		{ .executable = "/usr/bin/imap", .started_as = "/x/a", .service = "mail" },
		{ .argv0 = "a", .user = 107, .service = "" },
	};
	uint64_t *devices = calloc(policy->filesystems_count + 1, sizeof(*devices));

	require(devices);
	policy_filesystem_devices(policy, mounts->text, mounts->len, devices);
	for (size_t i = 0; i < 2; i++) {
		struct policy_process process = processes[i];

		process.passwd = passwd->text;
		process.passwd_len = passwd->len;
		policy_bind(policy, &process);
		check_process(policy);
		for (size_t p = 0; p < 4; p++) {
			const struct policy_file file = {
				.path = paths[p],
				.fstype = p & 1 ? "nfs4" : NULL,
				.device = policy_device(8, (unsigned)p),
				.filesystem_device = p & 2 ? NULL : devices,
				.exported = (enum policy_answer)(p % 3),
			};

			check_verdict(policy, &process, &file);
		}
	}
	free(devices);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct policy_trust trust = { .user = 0 };
	struct block *blocks = NULL;
	const struct policy_memory memory = { more, &blocks };
	struct policy_error err = { 0 };
	struct part parts[PARTS];
	struct policy *policy;

	divide(data, size, parts);
	if (policy_parse(&policy, "p", parts[0].text, parts[0].len, &trust, &memory, &err)) {
		require(!policy);
		check_error(&err, "p", &parts[0]);
		require(!policy_empty(&policy, &memory));
	}
	if (policy_overlay(policy, "SET", parts[1].text, parts[1].len, &memory, &err))
		check_error(&err, "SET", &parts[1]);
	check_verdicts(policy, &parts[2], &parts[3]);
	while (blocks) {
		struct block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
	return 0;
}
