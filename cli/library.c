/* SPDX-License-Identifier: MIT
 * Finds the object: beside the command first, so that a build tree never meets an older install. */
#include "cli/library.h"
#include "cli/cli.h"
#include "cli/memory.h"
#include "cli/preload.h"
#include "library_for_any.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *resolve(const char *path)
{
	char *full = realpath(path, NULL);
	const char *kept = full ? cli_memory_format("%s", full) : NULL;

	free(full);
	return kept;
}

/* NULL where /proc is not there to ask. */
static const char *own_directory(void)
{
	char *self = realpath("/proc/self/exe", NULL), *slash = self ? strrchr(self, '/') : NULL;
	const char *dir = slash ? cli_memory_format("%.*s", (int)(slash - self), self) : NULL;

	free(self);
	return dir;
}

static const char *beside_command(void)
{
	static const char *const places[] = { "../shim/liblockshim.so",
					      LOCKSHIM_LIBRARY_FROM_COMMAND };
	const char *dir = own_directory();

	for (size_t i = 0; dir && i < sizeof(places) / sizeof(places[0]); i++) {
		const char *found = resolve(cli_memory_format("%s/%s", dir, places[i]));

		if (found)
			return found;
	}
	return NULL;
}

/* FILE with $LIB in it, where it is installed as it was to be, below any prefix; else NULL. musl's
 * loader does not know $LIB. */
static const char *for_any(const char *file)
{
#ifdef __GLIBC__
	static const char any[] = LOCKSHIM_LIBRARY_FOR_ANY;
	const char *lib = strstr(any, "/$LIB/");
	const char *tail = lib ? LOCKSHIM_LIBRARY + (lib - any) : "";
	size_t len = strlen(file), tail_len = strlen(tail);

	if (lib && len >= tail_len && !strcmp(file + len - tail_len, tail))
		return cli_memory_format("%.*s%s", (int)(len - tail_len), file, lib);
#else
	(void)file;
#endif
	return NULL;
}

static int use_asked(const char *asked, struct cli_library *ret)
{
	if (strstr(asked, "$LIB") || strstr(asked, "${LIB}")) {
		*ret = (struct cli_library){ .preload = asked, .for_any = true };
		return CLI_OK;
	}
	asked = cli_memory_absolute(asked);
	if (access(asked, R_OK)) {
		warn("%s: cannot preload it", asked);
		return CLI_WRONG;
	}
	*ret = (struct cli_library){ .preload = asked, .file = asked };
	return CLI_OK;
}

static int use_own(struct cli_library *ret)
{
	const char *file = beside_command();

	if (!file)
		file = resolve(LOCKSHIM_LIBRARY);
	if (!file) {
		warnx("%s: not there; install the library, or name it with --library FILE",
		      LOCKSHIM_LIBRARY);
		return CLI_WRONG;
	}
	*ret = (struct cli_library){ .preload = for_any(file), .file = file };
	ret->for_any = ret->preload != NULL;
	if (!ret->for_any)
		ret->preload = file;
	return CLI_OK;
}

int cli_library_find(const char *asked, struct cli_library *ret)
{
	int status = asked ? use_asked(asked, ret) : use_own(ret);

	if (status == CLI_OK && !cli_preload_can_hold(ret->preload)) {
		warnx("%s: a space or a colon in the path cannot stand in LD_PRELOAD; "
		      "move the library, or name another path with --library FILE",
		      ret->preload);
		return CLI_WRONG;
	}
	return status;
}
