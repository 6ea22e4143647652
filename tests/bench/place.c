/* SPDX-License-Identifier: MIT
 * The directory of a run: which mount it is on, the setups' policy files in it, and the
 * environments that point at them. */
#include "bench.h"

#include <errno.h>
#include <ftw.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* RET has room for PATH_MAX. */
static int make_directory(const char *base, char *ret)
{
	char template[PATH_MAX];

	snprintf(template, sizeof(template), "%s/lockshim-bench.XXXXXX", base);
	if (!mkdtemp(template) || !realpath(template, ret))
		return complain(template);
	return 0;
}

int place_make(struct bench_place *place, const struct bench_config *config)
{
	memset(place, 0, sizeof(*place));
	if (make_directory(config->base, place->dir))
		return -1;
	(void)make_directory(config->memory, place->memory);
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

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

void place_remove_tree(const char *path)
{
	if (*path)
		(void)nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

void place_remove(struct bench_place *place)
{
	place_remove_tree(place->dir);
	place_remove_tree(place->memory);
	for (int i = 0; i < SETUP_COUNT; i++)
		free(place->policy[i]);
}

char *place_trace(const struct bench_place *place, enum bench_setup_id id)
{
	const struct bench_setup *setup = &bench_setups[id];
	const char *dir = setup->in_memory ? place->memory : place->dir;
	char *path;

	if (!setup->tracing || !*dir || asprintf(&path, "%s/%s.trace", dir, setup->name) < 0)
		return NULL;
	return path;
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
	const size_t variables = 8, room = 6 * PATH_MAX;
	char **environment = calloc(1, (variables + 1) * sizeof(char *) + room);
	char **next = environment, *at, *end, *trace = place_trace(place, id);
	char log[PATH_MAX + 8];

	if (!environment)
		return NULL;
	at = (char *)(environment + variables + 1);
	end = at + room;
	snprintf(log, sizeof(log), "%s/log", place->dir);
	next += add_variable(next, &at, end, "PATH", "/usr/bin:/bin");
	next += add_variable(next, &at, end, "LD_PRELOAD", config->object[setup->preload]);
	next += add_variable(next, &at, end, "LOCKSHIM_SET", setup->set);
	next += add_variable(next, &at, end, "LOCKSHIM_TRACE", trace);
	next += add_variable(next, &at, end, "LOCKSHIM_LOG", setup->logs ? log : NULL);
	next += add_variable(next, &at, end, "LOCKSHIM_POLICY", place->policy[id]);
	/* Where LTTng finds the sockets of a daemon that is not the system's. */
	add_variable(next, &at, end, "LTTNG_HOME", setup->tracer ? place->dir : NULL);
	free(trace);
	return environment;
}
