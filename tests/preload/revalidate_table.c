/* SPDX-License-Identifier: MIT
 * Which call makes the next read of a file on FUSE return what another client wrote, by how its
 * kernel keeps it; what lockshim.conf(5) says of on-lock. Bare only: it is about the kernel. */
#include "tests/nfs/renewals.h"
#include "tests/preload/common.h"
#include "tests/preload/revalidate_server.h"

#include <linux/fuse.h>
#include <sys/mman.h>

#define FIRST_SIZE 8192
#define GROWN_SIZE 12288

/* shim/revalidate.c's. */
#define OURS "statx+read0+dontneed"

static const char *const calls[] = {
	"none",
	"fstat",
	"read0",
	"readahead",
	"sync_file_range",
	"fdatasync",
	"flock-sh+flock-un",
	"dontneed",
	"statx",
	"statx+read0",
	"statx+dontneed",
	OURS,
	"open",
	"open-in-child",
};

/* What another client does, and what the program looks at. */
enum change { OVERWRITTEN, SAME_TIME, GROWN, MAPPED, CHANGES };
static const char *const change_names[] = { "overwritten", "same time", "grown", "mapped" };

struct view {
	int fd;
	char *mapping;
};

static char look(const struct view *view, enum change change)
{
	char text = '-';

	if (change == MAPPED)
		return *(volatile char *)view->mapping;
	(void)!pread(view->fd, &text, 1, change == GROWN ? FIRST_SIZE : 0);
	return text;
}

static void change_it(struct served *served, enum change change)
{
	if (change != SAME_TIME)
		served->changed += 1000000000u;
	if (change == GROWN)
		served->size = GROWN_SIZE;
	memset(served->text, 'n', served->size);
}

static struct view view_of(const struct server *server)
{
	struct view view = { .fd = must_open(server->file, O_RDWR) };

	view.mapping = mmap(NULL, FIRST_SIZE, PROT_READ, MAP_SHARED, view.fd, 0);
	return view;
}

static void view_end(struct view *view)
{
	if (view->mapping != MAP_FAILED)
		munmap(view->mapping, FIRST_SIZE);
	close(view->fd);
}

/* 'f' fresh, 's' stale, or '-' where a file of this kind can't be mapped. */
static char try_call(const char *directory, const struct server_cache *cache, const char *names,
		     enum change change)
{
	struct server server;
	struct view view;
	char seen = '-';

	if (!server_start(&server, directory, cache))
		skip_here();
	server.served->size = FIRST_SIZE;
	memset(server.served->text, 'o', SERVED_ROOM);
	view = view_of(&server);
	if (change != MAPPED || view.mapping != MAP_FAILED) {
		look(&view, change);
		change_it(server.served, change);
		assert_int_equal(renewals_make(view.fd, names), 0);
		seen = look(&view, change) == 'n' ? 'f' : 's';
	}
	view_end(&view);
	server_stop(&server);
	return seen;
}

static void print_head(void)
{
	int change;

	printf("%-22s", "");
	for (change = 0; change < CHANGES; change++)
		printf("%-12s", change_names[change]);
	printf("\n");
}

static void print_cell(char seen)
{
	printf("%-12s", seen == 'f' ? "fresh" : seen == 's' ? "stale" : "-");
}

/* Prints the row; RET_SEEN gets a letter a change. */
static void try_row(const char *directory, const struct server_cache *cache, const char *names,
		    char *ret_seen)
{
	int change;

	printf("%-22s", names);
	for (change = 0; change < CHANGES; change++) {
		ret_seen[change] = try_call(directory, cache, names, change);
		print_cell(ret_seen[change]);
	}
	printf("\n");
}

/* What the manual says of a kind of cache: nothing called, and the library's calls. */
static void assert_row(const struct server_cache *cache, const char *names, const char *seen,
		       const char *nothing, const char *ours)
{
	const char *expected = !strcmp(names, "none") ? nothing
			       : !strcmp(names, OURS) ? ours
						      : NULL;

	if (expected && memcmp(seen, expected, CHANGES))
		fail_msg("%s, %s: %.4s, not %s", cache->name, names, seen, expected);
}

static void table_of(const struct place *place, const struct server_cache *cache,
		     const char *nothing, const char *ours)
{
	char seen[CHANGES];
	size_t i;

	need_no_emulator("nothing can be mounted");
	need_mounts();
	printf("%s:\n", cache->name);
	print_head();
	for (i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		try_row(place->directory, cache, calls[i], seen);
		assert_row(cache, calls[i], seen, nothing, ours);
	}
}

static void test_revalidate_table_plain(void **state)
{
	table_of(*state, &(const struct server_cache){ "forgotten at each open", .attr_for = 3600 },
		 "ssss", "fffs");
}

static void test_revalidate_table_kernel_cache(void **state)
{
	table_of(*state,
		 &(const struct server_cache){ "kernel_cache", .attr_for = 3600, .keep = true },
		 "ssss", "fffs");
}

static void test_revalidate_table_auto_cache(void **state)
{
	table_of(*state,
		 &(const struct server_cache){ "auto_inval_data", .flags = FUSE_AUTO_INVAL_DATA,
					       .attr_for = 3600, .keep = true },
		 "ssss", "ffff");
}

static void test_revalidate_table_attributes_not_kept(void **state)
{
	table_of(*state,
		 &(const struct server_cache){ "auto_inval_data, attr_timeout=0",
					       .flags = FUSE_AUTO_INVAL_DATA, .keep = true },
		 "fsfs", "ffff");
}

/* The kernel goes by its own end of the file, whatever the server says. */
static void test_revalidate_table_writeback(void **state)
{
	table_of(*state,
		 &(const struct server_cache){ "writeback_cache", .flags = FUSE_WRITEBACK_CACHE,
					       .attr_for = 3600, .keep = true },
		 "ssss", "ffss");
}

static void test_revalidate_table_direct(void **state)
{
	table_of(*state,
		 &(const struct server_cache){ "direct_io", .direct = true, .attr_for = 3600 },
		 "fff-", "fff-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(test_revalidate_table_plain),
		place_test(test_revalidate_table_kernel_cache),
		place_test(test_revalidate_table_auto_cache),
		place_test(test_revalidate_table_attributes_not_kept),
		place_test(test_revalidate_table_writeback),
		place_test(test_revalidate_table_direct),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
