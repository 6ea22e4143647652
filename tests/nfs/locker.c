/* SPDX-License-Identifier: MIT
 * Takes and leaves locks as told on standard input, one answer a line; or counts under a lock.
 * The tests' own lock user on server and clients: it knows nothing of lockshim. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* mode: LOCK_SH, LOCK_EX or LOCK_UN. Each returns 0, or -1 with errno. */
struct family {
	const char *name;
	int (*lock)(int fd, int mode, bool wait);
};

static int record_lock(int fd, int mode, int command)
{
	struct flock record = {
		.l_type = mode == LOCK_UN   ? F_UNLCK
			  : mode == LOCK_EX ? F_WRLCK
					    : F_RDLCK,
		.l_whence = SEEK_SET,
	};

	return fcntl(fd, command, &record);
}

static int lock_flock(int fd, int mode, bool wait)
{
	return flock(fd, wait ? mode : mode | LOCK_NB);
}

static int lock_posix(int fd, int mode, bool wait)
{
	return record_lock(fd, mode, wait ? F_SETLKW : F_SETLK);
}

static int lock_ofd(int fd, int mode, bool wait)
{
	return record_lock(fd, mode, wait ? F_OFD_SETLKW : F_OFD_SETLK);
}

static const struct family families[] = {
	{ "flock", lock_flock },
	{ "posix", lock_posix },
	{ "ofd", lock_ofd },
};

static const struct family *find_family(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (strcmp(families[i].name, name) == 0)
			return &families[i];
	return NULL;
}

static const struct {
	const char *name;
	int mode;
} modes[] = { { "ex", LOCK_EX }, { "sh", LOCK_SH }, { "un", LOCK_UN } };

static int find_mode(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (strcmp(modes[i].name, name) == 0)
			return modes[i].mode;
	return -1;
}

static const struct {
	const char *name;
	int flags;
} opens[] = { { "rw", O_RDWR }, { "ro", O_RDONLY }, { "wo", O_WRONLY } };

static int open_as(const char *file, const char *how)
{
	for (size_t i = 0; i < sizeof(opens) / sizeof(*opens); i++)
		if (strcmp(opens[i].name, how) == 0)
			return open(file, opens[i].flags);
	errno = EINVAL;
	return -1;
}

static void answer(int result)
{
	const char *name = result < 0 ? strerrorname_np(errno) : "ok";

	puts(name ? name : "unnamed");
	fflush(stdout);
}

/* Lines of "FAMILY MODE", never waiting; the end of input closes the file. */
static int obey(int fd)
{
	char family_name[16], mode_name[16];

	while (scanf("%15s %15s", family_name, mode_name) == 2) {
		const struct family *family = find_family(family_name);
		int mode = find_mode(mode_name);

		if (!family || mode < 0)
			errno = EINVAL;
		answer(family && mode >= 0 ? family->lock(fd, mode, false) : -1);
	}
	return 0;
}

static void sleep_ms(long ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* How to count: a holder that relocks without a pause starves waiters on v3; what another does
 * to the counter while this one holds it is lost, so a longer hold shows more of it. */
struct counting {
	const struct family *family;
	long rounds, pause_ms, hold_ms;
};

/* The counter is eight digits and a newline at the start of the file. */
static int bump(int fd, long hold_ms)
{
	char text[32] = "";

	if (pread(fd, text, 9, 0) < 0)
		return -1;
	sleep_ms(hold_ms);
	snprintf(text, sizeof(text), "%08ld\n", strtol(text, NULL, 10) + 1);
	return pwrite(fd, text, 9, 0) == 9 ? 0 : -1;
}

static int count(int fd, const struct counting *how)
{
	if (!fgets((char[8]){ 0 }, 8, stdin))
		return -1;
	for (long i = 0; i < how->rounds; i++) {
		if (how->family->lock(fd, LOCK_EX, true) < 0 || bump(fd, how->hold_ms) < 0 ||
		    how->family->lock(fd, LOCK_UN, true) < 0)
			return -1;
		sleep_ms(how->pause_ms);
	}
	return 0;
}

static struct counting counting_of(char **argv)
{
	return (struct counting){
		.family = find_family(argv[0]),
		.rounds = strtol(argv[1], NULL, 10),
		.pause_ms = strtol(argv[2], NULL, 10),
		.hold_ms = strtol(argv[3], NULL, 10),
	};
}

/* locker FILE rw|ro|wo, or with FAMILY ROUNDS PAUSE_MS HOLD_MS, which starts at the first line. */
int main(int argc, char **argv)
{
	struct counting how = { 0 };
	int fd;

	if (argc == 7)
		how = counting_of(argv + 3);
	if (argc != 3 && !how.family) {
		fputs("usage: locker FILE rw|ro|wo [flock|posix|ofd ROUNDS PAUSE_MS HOLD_MS]\n",
		      stderr);
		return 2;
	}
	fd = open_as(argv[1], argv[2]);
	answer(fd);
	if (fd < 0)
		return 1;
	if (!how.family)
		return obey(fd);
	answer(count(fd, &how));
	return 0;
}
