/* SPDX-License-Identifier: MIT
 * Looks for the object among the mappings, and judges it. */
#include "cli/converted.h"
#include "cli/converted_policy.h"
#include "cli/converted_state.h"
#include "cli/memory.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static bool is_object(const char *path)
{
	static const char name[] = "liblockshim.so";
	const char *base = strrchr(path, '/') + 1;

	/* With a version, or what a package manager puts behind the name, after it. */
	return !strncmp(base, name, sizeof(name) - 1) &&
	       (!base[sizeof(name) - 1] || base[sizeof(name) - 1] == '.');
}

static bool is_replaced(const struct cli_proc *proc, const struct cli_proc_mapping *mapping)
{
	const char *path = cli_memory_format("/proc/%d/root%s", proc->pid, mapping->path);
	struct stat is;

	return mapping->deleted || stat(path, &is) || is.st_ino != mapping->inode;
}

static bool is_state(const char *path)
{
	return !strcmp(strrchr(path, '/'), "/state");
}

static bool take(void *context, const struct cli_proc_mapping *mapping)
{
	struct cli_converted *converted = context;

	if (!converted->library && is_object(mapping->path)) {
		converted->library = cli_memory_format("%s", mapping->path);
		converted->replaced = is_replaced(&converted->proc, mapping);
	}
	if (!converted->published && !mapping->deleted && is_state(mapping->path) &&
	    cli_state_hash(&converted->proc, mapping, &converted->hash))
		converted->has_hash = converted->published = true;
	return true;
}

bool cli_converted_look(int pid, struct cli_converted *ret)
{
	*ret = (struct cli_converted){ .seen = false };
	if (!cli_proc_read(pid, &ret->proc))
		return false;
	ret->seen = cli_proc_mappings(pid, take, ret);
	if (ret->library)
		cli_converted_policy(ret);
	return true;
}

const char *cli_converted_word(enum cli_converted_state state)
{
	static const char *const words[] = {
		[CLI_CONVERTED_NO] = "unconverted",
		[CLI_CONVERTED_YES] = "converts",
		[CLI_CONVERTED_SHADOW] = "shadow",
		[CLI_CONVERTED_FLUSHES] = "flushes",
		[CLI_CONVERTED_RECORDS] = "records",
		[CLI_CONVERTED_PASSES] = "passes",
		[CLI_CONVERTED_DISABLED] = "disabled",
		[CLI_CONVERTED_BROKEN] = "broken policy",
		[CLI_CONVERTED_CHANGED] = "policy changed",
		[CLI_CONVERTED_UNKNOWN] = "unknown",
	};

	return words[state];
}

const char *cli_converted_hash_text(const struct cli_converted *converted)
{
	if (!converted->has_hash)
		return "-";
	return cli_memory_format("%08" PRIx64, converted->hash >> 32);
}

const char *cli_converted_service(const struct cli_converted *converted)
{
	const struct cli_proc *proc = &converted->proc;
	const char *service = proc->secure ? NULL : cli_proc_variable(proc, "LOCKSHIM_SERVICE");

	return service && *service ? service : proc->unit;
}

bool cli_converted_is_native(const struct cli_converted *converted)
{
	return converted->seen && converted->state != CLI_CONVERTED_YES &&
	       converted->state != CLI_CONVERTED_CHANGED &&
	       converted->state != CLI_CONVERTED_UNKNOWN;
}

bool cli_converted_differ(const struct cli_converted *one, const struct cli_converted *other)
{
	bool native = cli_converted_is_native(one), other_native = cli_converted_is_native(other);

	if (!one->seen || !other->seen || (native && other_native))
		return false;
	if (native != other_native)
		return !(native ? other : one)->meets_native;
	return one->has_hash && other->has_hash && one->hash != other->hash;
}
