/* SPDX-License-Identifier: MIT
 * on-lock = revalidate, on a file that another client writes: fresh after a grant of whatever
 * family, and nothing of the program's own is lost by it. Bare, FUSE's kernel shows what it kept.
 */
#include "tests/preload/common.h"
#include "tests/preload/revalidate_server.h"

#include <dirent.h>
#include <linux/fuse.h>
#include <sys/mman.h>

#define PAGE 4096
#define FIRST_SIZE (2 * PAGE)
#define GROWN_SIZE (3 * PAGE)

static const struct server_cache kept = { "kept", .attr_for = 3600, .keep = true };
static const struct server_cache written_back = { "writeback", .flags = FUSE_WRITEBACK_CACHE,
						  .attr_for = 3600, .keep = true };

static struct server server;

/* The program has read the file, and its kernel has attributes to believe. */
static int open_read(const struct place *place, const struct server_cache *cache)
{
	char text[FIRST_SIZE];
	struct stat st;
	int fd;

	need_no_emulator("nothing can be mounted");
	need_mounts();
	if (!server_start(&server, place->directory, cache))
		skip_here();
	server.served->size = FIRST_SIZE;
	memset(server.served->text, 'o', SERVED_ROOM);
	fd = must_open(server.file, O_RDWR);
	assert_int_equal(pread(fd, text, sizeof text, 0), sizeof text);
	assert_int_equal(fstat(fd, &st), 0);
	return fd;
}

static void change_it(void)
{
	memset(server.served->text, 'n', SERVED_ROOM);
	server.served->size = GROWN_SIZE;
}

static int stop(void **state)
{
	if (server.pid)
		server_stop(&server);
	server.pid = 0;
	return place_remove(state);
}

static char byte_at(int fd, off_t offset)
{
	char text = '-';

	assert_true(pread(fd, &text, 1, offset) >= 0);
	return text;
}

static void assert_fresh(int fd)
{
	assert_int_equal(byte_at(fd, 0), 'n');
	assert_int_equal(byte_at(fd, FIRST_SIZE), 'n');
}

static void assert_stale(int fd)
{
	assert_int_equal(byte_at(fd, 0), 'o');
	assert_int_equal(byte_at(fd, FIRST_SIZE), '-');
}

static int by_fcntl(int fd, int command, short type)
{
	return fcntl(fd, command, &(struct flock){ .l_type = type, .l_whence = SEEK_SET });
}

static int by_flock(int fd)
{
	return flock(fd, LOCK_EX);
}

static int by_flock_shared(int fd)
{
	return flock(fd, LOCK_SH);
}

static int by_flock_unwaiting(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB);
}

static int by_posix(int fd)
{
	return by_fcntl(fd, F_SETLK, F_WRLCK);
}

static int by_posix_shared(int fd)
{
	return by_fcntl(fd, F_SETLKW, F_RDLCK);
}

static int by_lockf(int fd)
{
	return lockf(fd, F_LOCK, 0);
}

static int by_ofd(int fd)
{
	return by_fcntl(fd, F_OFD_SETLK, F_WRLCK);
}

static int by_ofd_waiting(int fd)
{
	return by_fcntl(fd, F_OFD_SETLKW, F_RDLCK);
}

static int (*const families[])(int fd) = { by_flock, by_flock_shared, by_flock_unwaiting,
					   by_posix, by_posix_shared, by_lockf,
					   by_ofd,   by_ofd_waiting };

static void test_revalidate_fresh_after_grant(void **state)
{
	size_t i;

	for (i = 0; i < sizeof families / sizeof families[0]; i++) {
		int fd = open_read(*state, &kept);

		change_it();
		assert_stale(fd);
		assert_int_equal(families[i](fd), 0);
		if (shimmed())
			assert_fresh(fd);
		else
			assert_stale(fd);
		close(fd);
		server_stop(&server);
		server.pid = 0;
	}
}

static void test_revalidate_waits_for_the_grant(void **state)
{
	int fd = open_read(*state, &kept), other = must_open(server.file, O_RDWR);
	unsigned asked;

	assert_int_equal(flock(other, LOCK_EX), 0);
	change_it();
	asked = server.served->attributes;
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(server.served->attributes, asked);
	close(other);
	close(fd);
}

/* flock's second description of the file must not be opened and closed for it. */
static void test_revalidate_keeps_posix_locks(void **state)
{
	int fd = open_read(*state, &kept), other = must_open(server.file, O_RDWR);

	assert_int_equal(by_posix(fd), 0);
	assert_int_equal(outsider_try(server.file, BY_POSIX, LOCK_EX), EAGAIN);
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(outsider_try(server.file, BY_POSIX, LOCK_EX), EAGAIN);
	close(other);
	close(fd);
}

static void test_revalidate_keeps_what_was_written(void **state)
{
	int fd = open_read(*state, &written_back);

	assert_int_equal(pwrite(fd, "mine", 4, PAGE), 4);
	memset(server.served->text, 'n', PAGE);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(byte_at(fd, 0), shimmed() ? 'n' : 'o');
	assert_int_equal(byte_at(fd, PAGE), 'm');
	assert_int_equal(fsync(fd), 0);
	assert_memory_equal(server.served->text + PAGE, "mine", 4);
	close(fd);
}

static void test_revalidate_keeps_what_was_stored(void **state)
{
	int fd = open_read(*state, &written_back);
	char *at = mmap(NULL, FIRST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_true(at != MAP_FAILED);
	memcpy(at + PAGE, "mine", 4);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_memory_equal(at + PAGE, "mine", 4);
	assert_int_equal(byte_at(fd, PAGE), 'm');
	assert_int_equal(fsync(fd), 0);
	assert_memory_equal(server.served->text + PAGE, "mine", 4);
	munmap(at, FIRST_SIZE);
	close(fd);
}

static void test_revalidate_asks_again_after_eintr(void **state)
{
	int fd = open_read(*state, &kept);

	change_it();
	server.served->error = EINTR;
	server.served->failing = 3;
	errno = ENOTTY;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(errno, ENOTTY);
	if (shimmed())
		assert_fresh(fd);
	close(fd);
}

/* The lock stands, and what needs no new attributes is fresh. */
static void test_revalidate_server_refuses(void **state)
{
	int fd = open_read(*state, &kept);

	change_it();
	server.served->error = EIO;
	server.served->failing = UINT32_MAX;
	errno = ENOTTY;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(outsider_try(server.file, BY_FLOCK, LOCK_EX), EAGAIN);
	assert_int_equal(byte_at(fd, 0), shimmed() ? 'n' : 'o');
	server.served->failing = 0;
	close(fd);
}

#define revalidate_test(name) cmocka_unit_test_setup_teardown(name, place_make, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		revalidate_test(test_revalidate_fresh_after_grant),
		revalidate_test(test_revalidate_waits_for_the_grant),
		revalidate_test(test_revalidate_keeps_posix_locks),
		revalidate_test(test_revalidate_keeps_what_was_written),
		revalidate_test(test_revalidate_keeps_what_was_stored),
		revalidate_test(test_revalidate_asks_again_after_eintr),
		revalidate_test(test_revalidate_server_refuses),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
