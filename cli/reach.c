/* SPDX-License-Identifier: MIT
 * The programs that LD_PRELOAD does not reach: what can be seen from the file. */
#include "cli/reach.h"
#include "cli/elf.h"
#include "cli/memory.h"
#include "cli/program.h"

#include <err.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

struct subject {
	const char *file;
	struct stat st;
	struct cli_elf elf;
	bool is_elf; /* elf is known */
};

static bool is_go(const struct subject *subject)
{
	return subject->is_elf && subject->elf.built_by_go;
}

static bool is_static(const struct subject *subject)
{
	return subject->is_elf && !subject->elf.foreign && !subject->elf.has_interpreter &&
	       !subject->elf.built_by_go;
}

/* Where exec grants nothing the loader has no reason to distrust the environment. */
static bool grants_anything(const char *file)
{
	struct statvfs fs;

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return false;
	return statvfs(file, &fs) || !(fs.f_flag & ST_NOSUID);
}

static bool changes_ids(const struct subject *subject)
{
	const struct stat *st = &subject->st;
	bool user = st->st_mode & S_ISUID && st->st_uid != getuid();
	bool group = st->st_mode & S_ISGID && st->st_mode & S_IXGRP && st->st_gid != getgid();

	return (user || group) && grants_anything(subject->file);
}

static bool has_capabilities(const struct subject *subject)
{
	return getuid() != 0 && getxattr(subject->file, "security.capability", NULL, 0) > 0 &&
	       grants_anything(subject->file);
}

static const struct {
	bool (*holds)(const struct subject *subject);
	const char *text;
} limits[] = {
	{ is_go, "built by Go: calls the kernel past libc, so its locks stay as they are" },
	{ is_static, "statically linked: no library can be preloaded into it" },
	{ changes_ids, "setuid or setgid: the loader ignores LD_PRELOAD" },
	{ has_capabilities, "has file capabilities: the loader ignores LD_PRELOAD" },
};

static bool read_elf(const char *file, struct cli_elf *ret)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (fd < 0)
		return false;
	rc = cli_elf_read(fd, ret);
	close(fd);
	return rc == 0;
}

static const char *misfit(const struct subject *subject, const struct cli_library *library)
{
	struct cli_elf object;

	if (!subject->is_elf || library->for_any || !read_elf(library->file, &object) ||
	    cli_elf_fits(&subject->elf, &object))
		return NULL;
	return cli_memory_format("%s, and %s is %s: the loader leaves it out",
				 cli_elf_describe(&subject->elf), library->file,
				 cli_elf_describe(&object));
}

static void tell_of(const char *file, const struct cli_library *library, cli_reach_tell *tell,
		    void *context)
{
	struct subject subject = { .file = file };
	const char *text;

	if (stat(file, &subject.st) || !S_ISREG(subject.st.st_mode))
		return;
	subject.is_elf = read_elf(file, &subject.elf);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].holds(&subject))
			tell(context, file, limits[i].text);
	}
	text = misfit(&subject, library);
	if (text)
		tell(context, file, text);
}

void cli_reach_each(const char *file, const struct cli_library *library, cli_reach_tell *tell,
		    void *context)
{
	struct cli_program program;

	cli_program_follow(file, &program);
	for (size_t i = 0; i < program.count; i++)
		tell_of(program.steps[i].file, library, tell, context);
}

static void warn_of(void *context, const char *file, const char *why)
{
	(void)context;
	warnx("warning: %s: %s", file, why);
}

void cli_reach_warn(const char *file, const struct cli_library *library)
{
	cli_reach_each(file, library, warn_of, NULL);
}
