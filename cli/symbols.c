/* SPDX-License-Identifier: MIT
 * By libdw, which finds the symbol tables and separate debug files that gdb would. */
#include "cli/symbols.h"
#include "cli/index.h"
#include "cli/memory.h"

#include <inttypes.h>
#include <string.h>

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static const char *plain_name(const char *module, uint64_t offset)
{
	return cli_memory_format("%s+0x%" PRIx64, base_of(module), offset);
}

#ifdef LOCKSHIM_LIBDW

#include <elfutils/libdwfl.h>
#include <stdlib.h>

struct module {
	struct cli_index_key key; /* address of the path, which is one for one module */
	Dwfl *dwfl;
	Dwfl_Module *module;
	GElf_Addr bias;
};

static void open_module(struct module *ret, const char *path)
{
	static char *no_debug_path;
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &no_debug_path,
	};

	unsetenv("DEBUGINFOD_URLS");
	ret->dwfl = dwfl_begin(&callbacks);
	if (!ret->dwfl)
		return;
	ret->module = dwfl_report_offline(ret->dwfl, base_of(path), path, -1);
	dwfl_report_end(ret->dwfl, NULL, NULL);
	if (ret->module && !dwfl_module_getelf(ret->module, &ret->bias))
		ret->module = NULL;
}

static const struct module *module_of(const char *path)
{
	static struct cli_index modules;
	struct module *module = cli_index_find(&modules, (uintptr_t)path, 0);

	if (module)
		return module;
	module = cli_index_get(&modules, (uintptr_t)path, 0, sizeof(*module));
	open_module(module, path);
	return module;
}

static const char *name_of(const char *path, uint64_t offset)
{
	const struct module *module = module_of(path);
	const char *name;
	GElf_Off into;
	GElf_Sym symbol;

	/* The call lies before the return address, which may be another function's first. */
	if (!module->module || !offset)
		return plain_name(path, offset);
	name = dwfl_module_addrinfo(module->module, offset - 1 + module->bias, &into, &symbol, NULL,
				    NULL, NULL);
	if (!name)
		return plain_name(path, offset);
	return cli_memory_format("%s!%s+0x%" PRIx64, base_of(path), name, into + 1);
}

#else

static const char *name_of(const char *path, uint64_t offset)
{
	return plain_name(path, offset);
}

#endif

struct site {
	struct cli_index_key key; /* address of the path, offset */
	const char *name;
};

const char *cli_symbols_name(const char *module, uint64_t offset)
{
	static struct cli_index sites;
	struct site *site = cli_index_get(&sites, (uintptr_t)module, offset, sizeof(struct site));

	if (!site->name)
		site->name = name_of(module, offset);
	return site->name;
}
