/* SPDX-License-Identifier: MIT
 * lockshim-keeper exclusive|shared: holds the lock of descriptor 0, which it was started with,
 * until keeper_bytes.h says to leave. No libc, no memory, nothing else open. */
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

/* The original's lock is gone where nobody holds any, and where somebody holds an exclusive one:
 * who got that may be waiting for ours, so it is not waited for. */
static void keep_shared(int fd)
{
	while (keeper_call(SYS_flock, fd, LOCK_EX | LOCK_NB, 0, 0, 0) &&
	       !keeper_call(SYS_flock, fd, LOCK_SH | LOCK_NB, 0, 0, 0)) {
		keeper_call(SYS_flock, fd, LOCK_UN, 0, 0, 0);
		pause_shortly();
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
		keep_shared(0);
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
