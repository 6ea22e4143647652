/* SPDX-License-Identifier: MIT
 * The library's key table, for people, scripts and the manual. */
#include "cli/keys.h"
#include "cli/json.h"
#include "cli/memory.h"

#include <stdio.h>

static const char *const kind_text[] = {
	[POLICY_KIND_MOUNT_POINT] = "mount points",
	[POLICY_KIND_PATH_GLOB] = "absolute globs",
	[POLICY_KIND_NAME_GLOB] = "globs",
	[POLICY_KIND_PROGRAM] = "globs",
	[POLICY_KIND_USER] = "user names or numbers",
	[POLICY_KIND_YES] = "yes",
	[POLICY_KIND_ERRNO] = "errno name or number",
	[POLICY_KIND_DIRECTORY] = "absolute path",
	[POLICY_KIND_DESTINATION] = "stderr | syslog | absolute path",
	[POLICY_KIND_SIZE] = "bytes, with K, M or G",
};

static const char *values(const struct policy_key *key)
{
	const char *text = "";

	if (!key->choices)
		return kind_text[key->kind];
	for (size_t i = 0; key->choices[i]; i++)
		text = cli_memory_format("%s%s%s", text, i ? " | " : "", key->choices[i]);
	return text;
}

static const char *size_text(int kibibytes)
{
	static const char letters[] = "KMG";
	const char *letter = letters;

	for (; kibibytes % 1024 == 0 && letter[1]; letter++)
		kibibytes /= 1024;
	return cli_memory_format("%d%c", kibibytes, *letter);
}

const char *cli_keys_value(const struct policy_key *key, int value, const char *text)
{
	const char *name;

	if (key->choices)
		return key->choices[value];
	if (key->kind == POLICY_KIND_DESTINATION)
		return text ? text : "stderr";
	if (key->kind == POLICY_KIND_DIRECTORY)
		return text;
	if (key->kind == POLICY_KIND_SIZE)
		return size_text(value);
	name = policy_errno_name(value);
	return name ? name : cli_memory_format("%d", value);
}

static const char *initial(const struct policy_key *key)
{
	const char *value;

	if (key->match)
		return "any";
	value = cli_keys_value(key, key->initial, NULL);
	return value ? value : "one of the user's own";
}

static const char *role(const struct policy_key *key)
{
	return key->match ? "match" : "action";
}

void cli_keys_print_text(void)
{
	for (size_t i = 0; i < policy_keys_count; i++) {
		const struct policy_key *key = &policy_keys[i];

		printf("%s\t%s\t%s\t%s\t%s\n", key->name, role(key), values(key), initial(key),
		       key->summary);
	}
}

void cli_keys_print_json(void)
{
	struct cli_json json = { 0 };

	cli_json_open(&json, NULL, '{');
	cli_json_open(&json, "keys", '[');
	for (size_t i = 0; i < policy_keys_count; i++) {
		const struct policy_key *key = &policy_keys[i];

		cli_json_open(&json, NULL, '{');
		cli_json_text(&json, "name", key->name);
		cli_json_text(&json, "kind", role(key));
		cli_json_text(&json, "values", values(key));
		cli_json_text(&json, "default", initial(key));
		cli_json_text(&json, "summary", key->summary);
		cli_json_close(&json, '}');
	}
	cli_json_close(&json, ']');
	cli_json_close(&json, '}');
}
