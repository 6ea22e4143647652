/* SPDX-License-Identifier: MIT
 * System calls without libc and without errno: for the keeper's program, which has no libc, and for
 * the processes on the way to it, which share their thread's errno with the host. */
#ifndef LOCKSHIM_KEEPER_CALLS_H
#define LOCKSHIM_KEEPER_CALLS_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "shim/ofd_commands.h"

#define KEEPER_MACHINE 1

/* Five arguments are enough here. The result is the kernel's: -errno on failure. */
static inline long keeper_call(long number, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__i386__)
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
#else
#undef KEEPER_MACHINE
#define KEEPER_MACHINE 0
	(void)number, (void)a, (void)b, (void)c, (void)d, (void)e;
	return -38; /* ENOSYS */
#endif
}

/* The kernel's struct flock with 64-bit offsets, the same for libc's 32-bit and 64-bit ones. */
struct keeper_record {
	int16_t type, whence;
#if __SIZEOF_POINTER__ == 8
	int32_t gap;
#endif
	int64_t start, length;
	int32_t pid;
#if __SIZEOF_POINTER__ == 8
	int32_t gap_behind;
#endif
} __attribute__((packed));
_Static_assert(sizeof(struct keeper_record) == (__SIZEOF_POINTER__ == 8 ? 32 : 24),
	       "the kernel's layout");

#ifdef SYS_fcntl64
#define KEEPER_FCNTL SYS_fcntl64
#else
#define KEEPER_FCNTL SYS_fcntl
#endif

/* A lock of this description over [START, START + LENGTH). */
static inline long keeper_lock(int fd, int command, short type, int64_t start, int64_t length)
{
	struct keeper_record record = { .type = type, .start = start, .length = length };

	return keeper_call(KEEPER_FCNTL, fd, command, (long)&record, 0, 0);
}

/* A process that runs FUNCTION(ARGUMENT) on the stack below TOP and ends with its result. libc's
 * clone would do, but sanitizers stand in front of that one. WORD is set to the process's id and
 * cleared at its end, as FLAGS ask. TOP is aligned to 16 bytes. The id, or -errno. */
static inline long keeper_clone(int (*function)(void *), void *top, unsigned long flags,
				void *argument, volatile int *word)
{
#if defined(__x86_64__)
	register volatile int *r10 __asm__("r10") = word;
	register long r8 __asm__("r8") = 0;
	void **stack = top;
	long result;

	*--stack = argument;
	*--stack = (void *)(uintptr_t)function;
	__asm__ volatile("syscall\n\ttest %%rax,%%rax\n\tjnz 1f\n\txor %%ebp,%%ebp\n\t"
			 "pop %%rax\n\tpop %%rdi\n\tcall *%%rax\n\t"
			 "mov %%eax,%%edi\n\tmov $60,%%eax\n\tsyscall\n\thlt\n1:"
			 : "=a"(result)
			 : "0"((long)SYS_clone), "D"(flags), "S"(stack), "d"(word), "r"(r10),
			   "r"(r8)
			 : "rcx", "r11", "memory", "cc");
	return result;
#elif defined(__i386__)
	void **stack = (void **)top - 4;
	long result;

	*stack = argument;
	*--stack = (void *)(uintptr_t)function;
	__asm__ volatile("int $0x80\n\ttest %%eax,%%eax\n\tjnz 1f\n\txor %%ebp,%%ebp\n\t"
			 "pop %%eax\n\tcall *%%eax\n\t"
			 "mov %%eax,%%ebx\n\tmov $1,%%eax\n\tint $0x80\n\thlt\n1:"
			 : "=a"(result)
			 : "0"((long)SYS_clone), "b"(flags), "c"(stack), "d"(word), "S"(0),
			   "D"(word)
			 : "memory", "cc");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = SYS_clone;
	register unsigned long x0 __asm__("x0") = flags;
	register void **x1 __asm__("x1") = (void **)top - 2;
	register volatile int *x2 __asm__("x2") = word;
	register long x3 __asm__("x3") = 0;
	register volatile int *x4 __asm__("x4") = word;

	x1[0] = (void *)(uintptr_t)function;
	x1[1] = argument;
	__asm__ volatile("svc 0\n\tcbnz x0,1f\n\tmov x29,#0\n\tldp x1,x0,[sp],#16\n\t"
			 "blr x1\n\tmov x8,#93\n\tsvc 0\n1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory", "cc");
	return (long)x0;
#else
	(void)function, (void)top, (void)flags, (void)argument, (void)word;
	return -38; /* ENOSYS */
#endif
}

#endif
