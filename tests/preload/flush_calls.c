/* SPDX-License-Identifier: MIT
 * flush_calls FILE LOCK END: for strace. Opens FILE as descriptor 77, takes LOCK, writes to
 * descriptor 77, lets go by END, and ends in a way that nobody sees. 2: this libc has no END. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FD 77
#define OTHER 78 /* of the same file */
#define HIGH 5000
#define MAPPED 12288 /* no stream's buffer has that size */

static const char *path;
static int locked = FD;

static int range_at(int command, short type, off_t start, off_t length)
{
	struct flock lock = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	return fcntl(locked, command, &lock);
}

static int range(int command, short type, off_t length)
{
	return range_at(command, type, 0, length);
}

enum lock { BY_FLOCK, BY_FCNTL, BY_OFD, BY_LOCKF, BY_NONE };
static const char *const locks[] = { "flock", "fcntl", "ofd", "lockf", "none", NULL };

/* F_UNLCK, F_RDLCK, F_WRLCK of the whole file. */
static int call(enum lock lock, short type)
{
	int operation = type == F_UNLCK ? LOCK_UN : (type == F_RDLCK ? LOCK_SH : LOCK_EX);

	switch (lock) {
	case BY_FLOCK:
		return flock(locked, operation);
	case BY_FCNTL:
		return range(F_SETLK, type, 0);
	case BY_OFD:
		return range(F_OFD_SETLK, type, 0);
	case BY_LOCKF:
		return lockf(locked, type == F_UNLCK ? F_ULOCK : F_TLOCK, 0);
	default:
		return 0;
	}
}

static enum lock asked;

static void unlock(void)
{
	(void)call(asked, F_UNLCK);
}

static void unlock_without_waiting(void)
{
	(void)flock(FD, LOCK_UN | LOCK_NB);
}

static void unlock_part(void)
{
	(void)range(asked == BY_OFD ? F_OFD_SETLK : F_SETLK, F_UNLCK, 10);
}

static void downgrade(void)
{
	(void)call(asked, F_RDLCK);
}

/* The shared lock is let go first. */
static void upgrade(void)
{
	(void)call(asked, F_RDLCK);
	(void)!write(FD, "b", 1);
	(void)call(asked, F_WRLCK);
}

static void downgrade_by_copy(void)
{
	locked = OTHER;
	downgrade();
}

static void upgrade_by_copy(void)
{
	locked = OTHER;
	(void)call(asked, F_WRLCK);
}

/* The child, that nobody sees, locks what both have. */
static void lock_in_child(short type)
{
	pid_t child = fork();

	if (!child) {
		(void)call(asked, type);
		(void)syscall(SYS_exit_group, 0);
	}
	(void)waitpid(child, NULL, 0);
	(void)!write(FD, "b", 1);
}

static void downgrade_of_child(void)
{
	lock_in_child(F_WRLCK);
	(void)call(asked, F_RDLCK);
}

static void upgrade_of_child(void)
{
	lock_in_child(F_RDLCK);
	(void)call(asked, F_WRLCK);
}

/* POSIX locks go with it. */
static void by_close_of_another(void)
{
	(void)close(OTHER);
}

/* What the file's other number drops was taken by a number beyond all that is remembered. */
static void close_another_of_high(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) || dup2(FD, HIGH) < 0)
		exit(2);
	locked = HIGH;
	(void)call(asked, F_WRLCK);
	(void)!write(FD, "b", 1);
	by_close_of_another();
}

/* The lock is the process's, and goes with a descriptor of the next program's own. */
static void exec_closing_another(void)
{
	(void)execl("/proc/self/exe", "kept", path, "none-kept", "close-another", NULL);
}

/* Each family has a lock of its own, and the other is let go. */
static void close_another_of_mixed(void)
{
	(void)range(F_OFD_SETLK, F_WRLCK, 10);
	(void)range_at(F_SETLK, F_WRLCK, 100, 10);
	(void)range(F_OFD_SETLK, F_UNLCK, 0);
	(void)!write(FD, "b", 1);
	by_close_of_another();
}

static void downgrade_of_mixed(void)
{
	(void)range(F_OFD_SETLK, F_WRLCK, 10);
	(void)range_at(F_SETLK, F_WRLCK, 100, 10);
	(void)range(F_SETLK, F_UNLCK, 0);
	(void)!write(FD, "b", 1);
	(void)range(F_OFD_SETLK, F_RDLCK, 10);
}

/* Nothing is replaced by what is refused. */
static void downgrade_after_dup3(void)
{
	(void)dup3(0, FD, INT_MAX);
	(void)!write(FD, "b", 1);
	downgrade();
}

static void by_close(void)
{
	(void)close(FD);
}

static void by_dup2(void)
{
	(void)dup2(0, FD);
}

static void by_dup3(void)
{
	(void)dup3(0, FD, O_CLOEXEC);
}

static void by_close_of_a_copy(void)
{
	(void)dup2(FD, OTHER);
	(void)syscall(SYS_close, FD);
	(void)close(OTHER);
}

static void by_fclose(void)
{
	FILE *stream = fdopen(FD, "r+");

	if (stream)
		(void)(fputs("buffered", stream) + fclose(stream));
}

#ifdef __GLIBC__
static void downgrade_after_close_range(void)
{
	(void)close_range(FD, OTHER, INT_MAX & ~4);
	(void)!write(FD, "b", 1);
	downgrade();
}

static void by_close_range(void)
{
	(void)close_range(FD, FD + 1, 0);
}

static void by_closefrom(void)
{
	closefrom(FD);
}
#endif

static char *const arguments[] = { (char *)(uintptr_t) "true", NULL };

static void exec_closing(void)
{
	(void)fcntl(FD, F_SETFD, FD_CLOEXEC);
	(void)execvp("true", arguments);
}

static void execl_closing(void)
{
	(void)fcntl(FD, F_SETFD, FD_CLOEXEC);
	(void)execlp("true", "true", "two", NULL);
}

static void execle_closing(void)
{
	(void)fcntl(FD, F_SETFD, FD_CLOEXEC);
	(void)execle("/bin/true", "true", NULL, environ);
}

/* The new program, of the same class, has it, and ends. */
static void exec_keeping(void)
{
	(void)execv("/proc/self/exe", arguments);
}

static void by_exit(void)
{
	exit(0);
}

static void by_quick_exit(void)
{
	quick_exit(0);
}

static void by_exit_now(void)
{
	_exit(0);
}

static void by_exit_now_of_c(void)
{
	_Exit(0);
}

static void by_daemon(void)
{
	(void)!daemon(1, 1);
}

#ifdef __GLIBC__
/* A thread's own table of descriptors. */
static void *unshared(void *unused)
{
	(void)(unshare(CLONE_FILES) + dup2(open(path, O_RDWR | O_CLOEXEC), FD));
	(void)call(asked, F_WRLCK);
	(void)!write(FD, "b", 1);
	(void)close_range(FD, OTHER, 0);
	return unused;
}

static void by_thread(void)
{
	pthread_t thread;

	(void)syscall(SYS_close, FD);
	if (!pthread_create(&thread, NULL, unshared, NULL))
		(void)pthread_join(thread, NULL);
}
#endif

/* The mapping keeps the description, and its lock, beyond the close. */
static void map_and_close(void)
{
	char *at;

	(void)!ftruncate(FD, 4096);
	at = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, FD, 0);
	(void)close(FD);
	*(volatile char *)at = 'm';
	(void)munmap(at, MAPPED);
}

static void by_nothing(void)
{
}

static void by_raw_close(void)
{
	(void)syscall(SYS_close, FD);
}

static void by_kill(void)
{
	(void)kill(getpid(), SIGKILL);
}

static void by_signal(void)
{
	(void)kill(getpid(), SIGTERM);
}

static void by_freopen(void)
{
	FILE *stream = fdopen(FD, "r+");

	if (stream)
		(void)!freopen("/dev/null", "r", stream);
}

/* What stdio has yet to write comes after all that we can see. */
static void by_exit_with_buffer(void)
{
	FILE *stream = fdopen(FD, "r+");

	if (stream)
		(void)fputs("buffered", stream);
	exit(0);
}

static void read_locked(void)
{
	(void)call(asked, F_UNLCK);
	(void)call(asked, F_RDLCK);
	(void)!write(FD, "b", 1);
	(void)call(asked, F_UNLCK);
}

/* Through the read-only descriptor alone, or with the file mapped to be written through another. */
static void map(void)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	(void)!ftruncate(fd, 4096);
	*(volatile char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) = 'm';
	(void)syscall(SYS_close, fd);
	(void)call(asked, F_UNLCK);
}

static const struct end {
	const char *name;
	void (*by)(void);
} ends[] = {
	{ "unlock", unlock },
	{ "unlock-nb", unlock_without_waiting },
	{ "unlock-part", unlock_part },
	{ "downgrade", downgrade },
	{ "upgrade", upgrade },
	{ "downgrade-by-copy", downgrade_by_copy },
	{ "upgrade-by-copy", upgrade_by_copy },
	{ "downgrade-of-child", downgrade_of_child },
	{ "upgrade-of-child", upgrade_of_child },
	{ "downgrade-of-mixed", downgrade_of_mixed },
	{ "downgrade-after-dup3", downgrade_after_dup3 },
	{ "close-another-of-high", close_another_of_high },
	{ "close-another-of-mixed", close_another_of_mixed },
	{ "exec-closing-another", exec_closing_another },
	{ "close", by_close },
	{ "close-another", by_close_of_another },
	{ "close-copy", by_close_of_a_copy },
	{ "dup2", by_dup2 },
	{ "dup3", by_dup3 },
	{ "fclose", by_fclose },
#ifdef __GLIBC__
	{ "downgrade-after-close_range", downgrade_after_close_range },
	{ "close_range", by_close_range },
	{ "closefrom", by_closefrom },
#endif
	{ "exec", exec_closing },
	{ "execl", execl_closing },
	{ "execle", execle_closing },
	{ "exec-keeping", exec_keeping },
	{ "exit", by_exit },
	{ "quick_exit", by_quick_exit },
	{ "_exit", by_exit_now },
	{ "_Exit", by_exit_now_of_c },
	{ "daemon", by_daemon },
#ifdef __GLIBC__
	{ "thread-close-another", by_thread },
#endif
	{ "map-and-close", map_and_close },
	{ "raw-exit", by_nothing },
	{ "raw-close", by_raw_close },
	{ "kill", by_kill },
	{ "signal", by_signal },
	{ "freopen", by_freopen },
	{ "exit-with-buffer", by_exit_with_buffer },
	{ "read-locked", read_locked },
	{ "map", map },
	{ NULL, NULL },
};

static const struct end *end_of(const char *name)
{
	const struct end *end = ends;

	while (end->name && strcmp(end->name, name))
		end++;
	return end;
}

static void open_as(int number, int flags)
{
	int fd = open(path, flags);

	(void)dup2(fd, number);
	(void)syscall(SYS_close, fd);
}

/* LOCK may have flags: "-ro": through a descriptor opened for reading alone; "-sh": shared;
 * "-late": END takes it. END may, too: "-copy": OTHER is a duplicate. */
int main(int argc, char **argv)
{
	const struct end *end = argc > 3 ? end_of(argv[3]) : NULL;
	bool read_only = argc > 2 && strstr(argv[2], "-ro"),
	     shared = argc > 2 && strstr(argv[2], "-sh"),
	     late = argc > 2 && strstr(argv[2], "-late");

	if (!end || !end->by)
		return 2;
	path = argv[1];
	while (locks[asked] && strncmp(argv[2], locks[asked], strcspn(argv[2], "-")))
		asked++;
	if (!strstr(argv[2], "-kept"))
		open_as(FD, read_only ? O_RDONLY : O_RDWR);
	if (strstr(end->name, "close-another"))
		open_as(OTHER, O_RDWR);
	if (strstr(end->name, "-by-copy"))
		(void)dup2(FD, OTHER);
	if (!late && call(asked, shared ? F_RDLCK : F_WRLCK))
		return 3;
	(void)!write(FD, "a", 1);
	end->by();
	for (;;)
		(void)syscall(SYS_exit_group, 0);
}
