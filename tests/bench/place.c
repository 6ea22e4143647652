/* SPDX-License-Identifier: MIT
 * The directory of a run: which mount it is on, the setups' policy files in it, and the
 * environments that point at them. */
#include "bench.h"

#include <dirent.h>
#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char other_mount[] = "/proc";

static int complain(const char *what)
{
	fprintf(stderr, "lockshim-bench: %s: %s\n", what, strerror(errno));
	return -1;
}

static void set_text(struct bench_place *place, enum bench_value value, const char *text)
{
	snprintf(place->text[value], sizeof(place->text[value]), "%s", text);
}

static bool is_under(const char *path, const char *mount)
{
	size_t len = strlen(mount);

	if (len == 1)
		return true;
	return !strncmp(path, mount, len) && (path[len] == '/' || !path[len]);
}

/* The longest mount point decides; of two mounts at one place the later is on top. */
static int find_mount(struct bench_place *place)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;

	if (!mounts)
		return complain("/proc/self/mounts");
	while ((mount = getmntent(mounts))) {
		if (!is_under(place->dir, mount->mnt_dir) ||
		    strlen(mount->mnt_dir) < strlen(place->text[VALUE_MOUNT]))
			continue;
		set_text(place, VALUE_MOUNT, mount->mnt_dir);
		set_text(place, VALUE_FSTYPE, mount->mnt_type);
	}
	endmntent(mounts);
	return 0;
}

static void write_rules(FILE *file, const struct bench_setup *setup, const char *value)
{
	for (unsigned i = 1; i <= setup->rules; i++) {
		fprintf(file, "[rule r%u]\n", i);
		if (setup->key && i < setup->rules)
			fprintf(file, "%s = %s%u\n", setup->key, setup->miss, i);
		else if (setup->key)
			fprintf(file, "%s = %s\n", setup->key, value);
		fputs("flock = ofd\n", file);
	}
}

static int write_policy(struct bench_place *place, enum bench_setup_id id)
{
	const struct bench_setup *setup = &bench_setups[id];
	char *path;
	FILE *file;

	if (!setup->rules)
		return 0;
	if (asprintf(&path, "%s/%s.conf", place->dir, setup->name) < 0)
		return -1;
	place->policy[id] = path;
	file = fopen(path, "wxe");
	if (!file)
		return complain(path);
	write_rules(file, setup, place->text[setup->value]);
	return fclose(file) ? complain(path) : 0;
}

int place_make(struct bench_place *place, const char *base)
{
	char template[PATH_MAX];

	memset(place, 0, sizeof(*place));
	snprintf(template, sizeof(template), "%s/lockshim-bench.XXXXXX", base);
	if (!mkdtemp(template))
		return complain(template);
	if (!realpath(template, place->dir))
		return complain(template);
	if (find_mount(place))
		return -1;
	set_text(place, VALUE_OTHER_MOUNT, other_mount);
	set_text(place, VALUE_NOBODY, "nobody-is-called-so");
	snprintf(place->text[VALUE_GLOB], PATH_MAX, "%.*s/*", PATH_MAX - 3, place->dir);
	for (int i = 0; i < SETUP_COUNT; i++)
		if (write_policy(place, i))
			return -1;
	return 0;
}

void place_remove(struct bench_place *place)
{
	DIR *dir = *place->dir ? opendir(place->dir) : NULL;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(place->dir);
	for (int i = 0; i < SETUP_COUNT; i++)
		free(place->policy[i]);
}

static int add_variable(char **next, char **at, char *end, const char *name, const char *value)
{
	int len;

	if (!value)
		return 0;
	*next = *at;
	len = snprintf(*at, (size_t)(end - *at), "%s=%s", name, value);
	*at += len + 1;
	return 1;
}

char **place_environment(const struct bench_place *place, const struct bench_config *config,
			 enum bench_setup_id id)
{
	const struct bench_setup *setup = &bench_setups[id];
	const char *object = config->object[setup->preload];
	const size_t variables = 4, room = 3 * PATH_MAX;
	char **environment = calloc(1, (variables + 1) * sizeof(char *) + room);
	char **next = environment, *at, *end;

	if (!environment)
		return NULL;
	at = (char *)(environment + variables + 1);
	end = at + room;
	next += add_variable(next, &at, end, "PATH", "/usr/bin:/bin");
	next += add_variable(next, &at, end, "LD_PRELOAD", object);
	next += add_variable(next, &at, end, "LOCKSHIM_SET", setup->set);
	add_variable(next, &at, end, "LOCKSHIM_POLICY", place->policy[id]);
	return environment;
}
