/* SPDX-License-Identifier: MIT
 * A FUSE server of one file, whose contents lie in memory that the test shares: what the test
 * stores there, another client wrote. */
#ifndef LOCKSHIM_TESTS_PRELOAD_REVALIDATE_SERVER_H
#define LOCKSHIM_TESTS_PRELOAD_REVALIDATE_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVED_ROOM (64 * 1024)

struct served {
	char text[SERVED_ROOM];
	uint64_t size;
	uint64_t changed;           /* its time of change, in nanoseconds */
	unsigned requests, synced;  /* how many came; and of them FSYNC */
	unsigned attributes, reads; /* GETATTR and READ */
	unsigned failing;           /* how many of the next GETATTR are answered with this errno */
	int error;
};

struct server {
	struct served *served;
	char file[128];
	char at[96];
	pid_t pid;
};

/* How the kernel keeps what it read. */
struct server_cache {
	const char *name;
	uint32_t flags;    /* of INIT: FUSE_AUTO_INVAL_DATA, FUSE_WRITEBACK_CACHE */
	bool keep;         /* over an open */
	bool direct;       /* nothing is kept */
	unsigned attr_for; /* seconds that attributes are believed */
};

/* Mounts it at DIRECTORY/served; the file is DIRECTORY/served/file. False where nothing can be
 * mounted here. */
bool server_start(struct server *ret, const char *directory, const struct server_cache *cache);
void server_stop(struct server *server);

#endif
