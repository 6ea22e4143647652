/* SPDX-License-Identifier: MIT
 * lockshim-keeper exclusive|shared|shared-native: holds the lock of descriptor 0, which it was
 * started with, until keeper_bytes.h says to leave. No libc, no memory, nothing else open. */
#include <sys/file.h>

#include "shim/keeper_bytes.h"
#include "shim/keeper_calls.h"

_Noreturn void keeper_start(char **stack) __attribute__((used));

static _Noreturn void leave(void)
{
	for (;;)
		keeper_call(SYS_exit_group, 0, 0, 0, 0, 0);
}

static void pause_shortly(void)
{
	struct {
		long seconds, nanoseconds;
	} two_milliseconds = { 0, 2000000 };

	keeper_call(SYS_nanosleep, (long)&two_milliseconds, 0, 0, 0, 0);
}

/* Whatever the error: to leave would lose the lock. */
static void wait_for(int fd, long long byte)
{
	while (keeper_lock(fd, F_OFD_SETLKW, F_WRLCK, byte, 1))
		pause_shortly();
}

static void keep_exclusive(int fd)
{
	wait_for(fd, KEEPER_BELL);
	if (!keeper_lock(fd, F_OFD_SETLK, F_WRLCK, KEEPER_ORDER, 1))
		return;
	keeper_lock(fd, F_OFD_SETLK, F_RDLCK, 0, KEEPER_LIFE);
	wait_for(fd, KEEPER_LIFE);
}

/* " 1234 ", as /proc/locks has the process that took a flock: for the original's, that is us. */
static long own_number(char into[16])
{
	long number = keeper_call(SYS_getpid, 0, 0, 0, 0, 0), len = 2, rest;

	for (rest = number; rest; rest /= 10)
		len++;
	into[len - 1] = into[0] = ' ';
	for (rest = len - 2; rest > 0; rest--, number /= 10)
		into[rest] = (char)('0' + number % 10);
	return len;
}

/* In pieces: what has matched so far is all that is remembered between them. */
static int has_word(long file, const char *word, long len)
{
	static char room[512];
	long size, i, matched = 0;

	while ((size = keeper_call(SYS_read, file, (long)room, sizeof room, 0, 0)) > 0)
		for (i = 0; i < size; i++) {
			matched = room[i] == word[matched] ? matched + 1 : room[i] == word[0];
			if (matched == len)
				return 1;
		}
	return size < 0;
}

/* True where it is listed, or the list is not to be had. */
static int is_listed(void)
{
	char word[16];
	long len = own_number(word), found;
	long file = keeper_call(SYS_openat, AT_FDCWD, (long)"/proc/locks", O_RDONLY, 0, 0);

	if (file < 0)
		return 1;
	found = has_word(file, word, len);
	keeper_call(SYS_close, file, 0, 0, 0, 0);
	return (int)found;
}

/* The original's lock is gone where nobody holds any, and where somebody holds an exclusive one:
 * who got that may be waiting for ours, so it is not waited for. Beside other shared ones the
 * kernel's list tells, if it was us who took it: what a process took that is gone is not listed.
 * The list is no snapshot: it has to miss ours twenty times in a row. */
static void keep_shared(int fd, int taken_by_us)
{
	int missed = 0;

	while (keeper_call(SYS_flock, fd, LOCK_EX | LOCK_NB, 0, 0, 0) &&
	       !keeper_call(SYS_flock, fd, LOCK_SH | LOCK_NB, 0, 0, 0)) {
		keeper_call(SYS_flock, fd, LOCK_UN, 0, 0, 0);
		if (!missed)
			pause_shortly();
		missed = taken_by_us && !is_listed() ? missed + 1 : 0;
		if (missed == 20)
			return;
	}
}

/* At the stack's top lie argc, argv[0], argv[1], … */
_Noreturn void keeper_start(char **stack)
{
	if ((long)stack[0] != 2)
		leave();
	keeper_call(SYS_chdir, (long)"/", 0, 0, 0, 0);
	if (stack[2][0] == 'e')
		keep_exclusive(0);
	else
		keep_shared(0, !stack[2][6]);
	leave();
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call "
	"keeper_start\n");
#elif defined(__i386__)
__asm__(".globl _start\n_start: xor %ebp,%ebp\n mov %esp,%eax\n and $-16,%esp\n sub $12,%esp\n"
	" push %eax\n call keeper_start\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x29,#0\n mov x0,sp\n bl keeper_start\n");
#endif
