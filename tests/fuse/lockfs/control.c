/* SPDX-License-Identifier: MIT
 * Commands, a line each; the first that can't be done answers the write. */
#include "tests/fuse/lockfs/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuse/lockfs/files.h"
#include "tests/fuse/lockfs/gate.h"
#include "tests/fuse/lockfs/journal.h"
#include "tests/fuse/lockfs/script.h"

enum { NODE_CONTROL = 2, NODE_AWAIT, NODE_LOG };
#define LOG_OF_FILE (UINT64_C(1) << 32) /* beside the file's node */

struct snapshot {
	size_t size;
	char *text;
};

/* The kernel lets one write at a time into a file, so there is one. */
static struct {
	fuse_req_t request; /* NULL: nobody waits */
	uint64_t unique;
	size_t answer; /* the size of the command */
	char *word, *file;
	size_t looked; /* how far the journal was looked at */
	unsigned left; /* lines still to come */
} await;

uint64_t control_node(const char *name)
{
	static const char *const names[] = { ".control", ".await", ".log" };
	const struct file *file;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return NODE_CONTROL + i;
	file = strncmp(name, ".log.", 5) ? NULL : files_named(name + 5);
	return file ? LOG_OF_FILE | file->node : 0;
}

bool control_has(uint64_t node)
{
	return (node >= NODE_CONTROL && node <= NODE_LOG) || node & LOG_OF_FILE;
}

void control_stat(uint64_t node, struct stat *ret_stat)
{
	*ret_stat = (struct stat){ .st_ino = node, .st_nlink = 1 };
	ret_stat->st_mode = S_IFREG | (node == NODE_CONTROL || node == NODE_AWAIT ? 0222 : 0444);
}

void control_open(fuse_req_t request, uint64_t node, struct fuse_file_info *info)
{
	const struct file *file = node & LOG_OF_FILE ? files_at(node & ~LOG_OF_FILE) : NULL;
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		abort();
	if (file || node == NODE_LOG)
		snapshot->text = journal_copy(file ? file->name : NULL, &snapshot->size);
	info->fh = (uintptr_t)snapshot;
	info->direct_io = 1;
	fuse_reply_open(request, info);
}

void control_read(fuse_req_t request, const struct fuse_file_info *info, size_t size, off_t offset)
{
	const struct snapshot *snapshot = (const struct snapshot *)(uintptr_t)info->fh;

	if ((size_t)offset >= snapshot->size)
		size = 0;
	else if (size > snapshot->size - (size_t)offset)
		size = snapshot->size - (size_t)offset;
	fuse_reply_buf(request, size ? snapshot->text + offset : NULL, size);
}

void control_release(fuse_req_t request, const struct fuse_file_info *info)
{
	struct snapshot *snapshot = (struct snapshot *)(uintptr_t)info->fh;

	free(snapshot->text);
	free(snapshot);
	fuse_reply_err(request, 0);
}

static int do_on(char *words)
{
	return script_add(words);
}

static int do_go(char *words)
{
	char *rest = words, *operation = strtok_r(rest, " ", &rest);
	char *file = strtok_r(rest, " ", &rest);
	uint32_t operations = operation ? operations_named(operation) : UINT32_MAX;

	gate_go(operations, file);
	return operations ? 0 : -EINVAL;
}

/* As another client of the same server would: the kernel here is told nothing. */
static int do_put(char *words)
{
	char *text = words, *name = strtok_r(text, " ", &text);
	struct file *file = name ? files_named(name) : NULL;
	int error = file ? files_resize(file, 0) : -ENOENT;

	if (!error)
		error = files_write(file, text, strlen(text), 0);
	if (!error)
		error = files_write(file, "\n", 1, file->size);
	return error ? error : files_sync(file);
}

static int crash_one(struct file *file)
{
	if (!file->crashed)
		gate_crash(file);
	return 0;
}

static int restart_one(struct file *file)
{
	crash_one(file);
	script_forget(file->name);
	return files_restart(file);
}

/* With a name that one, without one all that are there now. */
static int for_each(const char *name, int (*act)(struct file *file))
{
	struct file *file = *name ? files_named(name) : files_next(NULL);
	uint64_t last = 0;
	int error = *name && !file ? -ENOENT : 0;

	for (struct file *each = file; each; each = files_next(each))
		last = each->node;
	for (; file && file->node <= last && !error; file = *name ? NULL : files_next(file))
		error = act(file);
	return error;
}

static int do_crash(char *words)
{
	return for_each(words, crash_one);
}

static int do_restart(char *words)
{
	return for_each(words, restart_one);
}

static int do_clear(char *words)
{
	script_clear();
	journal_clear();
	return *words ? -EINVAL : 0;
}

static const struct {
	const char *name;
	int (*act)(char *words);
} commands[] = {
	{ "on", do_on },       { "go", do_go },           { "put", do_put },
	{ "crash", do_crash }, { "restart", do_restart }, { "clear", do_clear },
};

static int obey(char *line)
{
	char *rest = line, *name = strtok_r(rest, " ", &rest);

	for (size_t i = 0; name && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].act(rest);
	return -EINVAL;
}

static void end_await(int error)
{
	if (error)
		fuse_reply_err(await.request, error);
	else
		fuse_reply_write(await.request, await.answer);
	await.request = NULL;
	free(await.word);
	free(await.file);
}

void control_look(void)
{
	const struct file *file;
	unsigned found;

	if (!await.request)
		return;
	found = journal_count(await.word, await.file, &await.looked);
	await.left -= found < await.left ? found : await.left;
	file = files_named(await.file);
	if (!await.left)
		end_await(0);
	else if (file && file->crashed)
		end_await(EIO);
}

bool control_interrupt(uint64_t unique)
{
	if (!await.request || await.unique != unique)
		return false;
	end_await(EINTR);
	return true;
}

/* WORD FILE [COUNT]; answered by control_look(). */
static int begin_await(fuse_req_t request, char *line, size_t size)
{
	char *rest = line, *word = strtok_r(rest, " ", &rest), *file = strtok_r(rest, " ", &rest);
	const char *count = strtok_r(rest, " ", &rest);

	if (!file || await.request)
		return -EINVAL;
	await.request = request;
	await.unique = gate_current.unique;
	await.answer = size;
	await.word = strdup(word);
	await.file = strdup(file);
	await.looked = 0;
	await.left = count ? (unsigned)strtoul(count, NULL, 10) : 1;
	return 0;
}

static int obey_all(char *text)
{
	char *rest = text, *line;
	int error = 0;

	while (!error && (line = strtok_r(rest, "\n", &rest)))
		error = obey(line);
	return error;
}

void control_write(fuse_req_t request, uint64_t node, const char *text, size_t size)
{
	char *copy = strndup(text, size);
	int error;

	if (!copy)
		abort();
	copy[strcspn(copy, "\n")] = node == NODE_AWAIT ? '\0' : copy[strcspn(copy, "\n")];
	error = node == NODE_AWAIT ? begin_await(request, copy, size) : obey_all(copy);
	free(copy);
	if (error)
		fuse_reply_err(request, -error);
	else if (node != NODE_AWAIT)
		fuse_reply_write(request, size);
}
