/* SPDX-License-Identifier: MIT
 * The kernel's protocol (linux/fuse.h) as far as one file needs it. */
#include "tests/preload/revalidate_server.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_NODE 2
#define MOST_WRITTEN (32 * 1024)

struct asked {
	const struct fuse_in_header *head;
	const void *what;
	struct served *served;
	const struct server_cache *cache;
};

/* Each puts its answer into INTO and returns its length, or -errno. */
typedef long answer_to(const struct asked *asked, void *into);

static long answer_init(const struct asked *asked, void *into)
{
	const struct fuse_init_in *in = asked->what;

	*(struct fuse_init_out *)into = (struct fuse_init_out){
		.major = FUSE_KERNEL_VERSION,
		.minor = 31,
		.max_readahead = in->max_readahead,
		.flags = asked->cache->flags,
		.max_write = MOST_WRITTEN,
		.time_gran = 1,
	};
	return sizeof(struct fuse_init_out);
}

static struct fuse_attr attributes_of(const struct asked *asked, uint64_t node)
{
	const struct served *served = asked->served;
	bool is_file = node == FILE_NODE;

	return (struct fuse_attr){
		.ino = node,
		.size = is_file ? served->size : 0,
		.mtime = served->changed / 1000000000u,
		.mtimensec = (uint32_t)(served->changed % 1000000000u),
		.mode = is_file ? S_IFREG | 0644 : S_IFDIR | 0755,
		.nlink = 1,
		.blksize = 4096,
	};
}

static long answer_lookup(const struct asked *asked, void *into)
{
	if (strcmp(asked->what, "file"))
		return -ENOENT;
	*(struct fuse_entry_out *)into = (struct fuse_entry_out){
		.nodeid = FILE_NODE,
		.entry_valid = 3600,
		.attr_valid = asked->cache->attr_for,
		.attr = attributes_of(asked, FILE_NODE),
	};
	return sizeof(struct fuse_entry_out);
}

static long answer_attributes(const struct asked *asked, void *into)
{
	asked->served->attributes++;
	if (asked->served->failing) {
		asked->served->failing--;
		return -asked->served->error;
	}
	*(struct fuse_attr_out *)into = (struct fuse_attr_out){
		.attr_valid = asked->cache->attr_for,
		.attr = attributes_of(asked, asked->head->nodeid),
	};
	return sizeof(struct fuse_attr_out);
}

static long answer_set_attributes(const struct asked *asked, void *into)
{
	const struct fuse_setattr_in *in = asked->what;

	if (in->valid & FATTR_SIZE)
		asked->served->size = in->size;
	return answer_attributes(asked, into);
}

static long answer_open(const struct asked *asked, void *into)
{
	*(struct fuse_open_out *)into = (struct fuse_open_out){
		.open_flags = (asked->cache->keep ? FOPEN_KEEP_CACHE : 0u) |
			      (asked->cache->direct ? FOPEN_DIRECT_IO : 0u),
	};
	return sizeof(struct fuse_open_out);
}

static long answer_read(const struct asked *asked, void *into)
{
	const struct fuse_read_in *in = asked->what;
	uint64_t left = asked->served->size > in->offset ? asked->served->size - in->offset : 0;

	asked->served->reads++;
	if (left > in->size)
		left = in->size;
	memcpy(into, asked->served->text + in->offset, left);
	return (long)left;
}

static long answer_write(const struct asked *asked, void *into)
{
	const struct fuse_write_in *in = asked->what;

	if (in->offset + in->size > SERVED_ROOM)
		return -ENOSPC;
	memcpy(asked->served->text + in->offset, in + 1, in->size);
	if (asked->served->size < in->offset + in->size)
		asked->served->size = in->offset + in->size;
	*(struct fuse_write_out *)into = (struct fuse_write_out){ .size = in->size };
	return sizeof(struct fuse_write_out);
}

static long answer_sync(const struct asked *asked, void *into)
{
	(void)into;
	asked->served->synced++;
	return 0;
}

static long answer_statfs(const struct asked *asked, void *into)
{
	(void)asked;
	memset(into, 0, sizeof(struct fuse_statfs_out));
	return sizeof(struct fuse_statfs_out);
}

static long answer_nothing(const struct asked *asked, void *into)
{
	(void)asked;
	(void)into;
	return 0;
}

static answer_to *const answers[] = {
	[FUSE_INIT] = answer_init,          [FUSE_LOOKUP] = answer_lookup,
	[FUSE_GETATTR] = answer_attributes, [FUSE_SETATTR] = answer_set_attributes,
	[FUSE_OPEN] = answer_open,          [FUSE_READ] = answer_read,
	[FUSE_WRITE] = answer_write,        [FUSE_FSYNC] = answer_sync,
	[FUSE_STATFS] = answer_statfs,      [FUSE_FLUSH] = answer_nothing,
	[FUSE_RELEASE] = answer_nothing,
};

static bool wants_no_answer(uint32_t opcode)
{
	return opcode == FUSE_FORGET || opcode == FUSE_BATCH_FORGET || opcode == FUSE_INTERRUPT;
}

static void answer_one(int device, const struct asked *asked)
{
	static struct {
		struct fuse_out_header head;
		char body[SERVED_ROOM];
	} out;
	uint32_t opcode = asked->head->opcode;
	long length = -ENOSYS;

	if (opcode < sizeof answers / sizeof answers[0] && answers[opcode])
		length = answers[opcode](asked, out.body);
	out.head = (struct fuse_out_header){
		.len = (uint32_t)(sizeof out.head + (length > 0 ? (size_t)length : 0)),
		.error = length < 0 ? (int32_t)length : 0,
		.unique = asked->head->unique,
	};
	if (write(device, &out, out.head.len) < 0 && errno != ENOENT)
		_exit(1);
}

/* Until it is unmounted. */
static _Noreturn void serve(int device, struct served *served, const struct server_cache *cache)
{
	static _Alignas(8) char in[MOST_WRITTEN + 4096];
	const struct asked asked = {
		.head = (const struct fuse_in_header *)in,
		.what = in + sizeof(struct fuse_in_header),
		.served = served,
		.cache = cache,
	};
	ssize_t length;

	while ((length = read(device, in, sizeof in)) > 0 ||
	       (length < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN))) {
		if (length < 0 || wants_no_answer(asked.head->opcode))
			continue;
		served->requests++;
		answer_one(device, &asked);
	}
	_exit(0);
}

static bool mount_it(const struct server *server, int device)
{
	char options[96];

	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
	return !mount("served", server->at, "fuse", MS_NOSUID | MS_NODEV, options);
}

bool server_start(struct server *ret, const char *directory, const struct server_cache *cache)
{
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	snprintf(ret->at, sizeof ret->at, "%s/served", directory);
	snprintf(ret->file, sizeof ret->file, "%s/file", ret->at);
	mkdir(ret->at, 0755);
	ret->served = mmap(NULL, sizeof *ret->served, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (device < 0 || ret->served == MAP_FAILED || !mount_it(ret, device)) {
		close(device);
		return false;
	}
	ret->pid = fork();
	if (!ret->pid)
		serve(device, ret->served, cache);
	close(device);
	return ret->pid > 0;
}

/* What a failed test left open would keep the mount, and the server waiting. */
void server_stop(struct server *server)
{
	kill(server->pid, SIGKILL);
	umount2(server->at, MNT_DETACH);
	waitpid(server->pid, NULL, 0);
	munmap(server->served, sizeof *server->served);
}
