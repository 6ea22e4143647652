/* SPDX-License-Identifier: MIT
 * fcntl(2) under its names. Compiled without 64-bit offsets: the headers would rename it. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

#include "shim/cancel.h"
#include "shim/fcntl_lock.h"
#include "shim/flush.h"
#include "shim/hazard.h"
#include "shim/hazard_ofd.h"
#include "shim/next.h"
#include "shim/note.h"
#include "shim/ofd_commands.h"
#include "shim/own_ofd.h"
#include "shim/record_rule.h"
#include "shim/standin.h"
#include "shim/start.h"
#include "shim/watch_file.h"
#include "shim/watch_quick.h"
#include "shim/watch_record.h"
#include "shim/wrap.h"

enum command_kind {
	COMMAND_OTHER,
	COMMAND_GET, /* these three take a struct flock, or flock64 on 32-bit */
	COMMAND_SET,
	COMMAND_WAIT,
	COMMAND_OFD_GET,
	COMMAND_OFD_SET,
	COMMAND_OFD_WAIT,
	COMMAND_NEW_FD, /* the result is a descriptor number */
	COMMAND_FLAGS,  /* sets close-on-exec, or takes it away */
};

/* Commands are numbers that differ by machine, and on 64-bit F_SETLK64 is F_SETLK. */
static enum command_kind kind_of(int command)
{
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return COMMAND_NEW_FD;
	case F_SETFD:
		return COMMAND_FLAGS;
	case F_GETLK:
		return COMMAND_GET;
	case F_SETLK:
		return COMMAND_SET;
	case F_SETLKW:
		return COMMAND_WAIT;
#if defined(F_GETLK64) && F_GETLK64 != F_GETLK
	case F_GETLK64:
		return COMMAND_GET;
	case F_SETLK64:
		return COMMAND_SET;
	case F_SETLKW64:
		return COMMAND_WAIT;
#endif
	case F_OFD_GETLK:
		return COMMAND_OFD_GET;
	case F_OFD_SETLK:
		return COMMAND_OFD_SET;
	case F_OFD_SETLKW:
		return COMMAND_OFD_WAIT;
	default:
		return COMMAND_OTHER;
	}
}

static int other_through(int (*const *slot)(int, int, ...), enum command_kind kind, int fd,
			 int command, void *argument)
{
	int result = __atomic_load_n(slot, __ATOMIC_RELAXED)(fd, command, argument);

	if (kind == COMMAND_NEW_FD && result >= 0) {
		note_closed(result);
		note_copy_marks(fd, result);
		if (flush_on())
			flush_note_copy(fd, result);
		if (watch_on())
			watch_file_copied(fd, result);
	}
	return result;
}

/* A stand-in has the close-on-exec of what it stands in for. */
static __attribute__((noinline)) int followed_through(int (*const *slot)(int, int, ...),
						      enum command_kind kind, int fd, int command,
						      void *argument)
{
	bool cloexec = kind == COMMAND_FLAGS ? (uintptr_t)argument & FD_CLOEXEC
					     : command == F_DUPFD_CLOEXEC;
	int result;

	standin_copying(fd, cloexec);
	result = other_through(slot, kind, fd, command, argument);
	if (kind == COMMAND_FLAGS)
		standin_flagged(fd);
	else
		standin_copied(fd, result);
	return result;
}

static bool is_ofd(enum command_kind kind)
{
	return kind >= COMMAND_OFD_GET && kind <= COMMAND_OFD_WAIT;
}

static bool is_ofd_change(enum command_kind kind)
{
	return kind == COMMAND_OFD_SET || kind == COMMAND_OFD_WAIT;
}

/* These two apart, so that a call that is only passed on has no frame of them. */
static __attribute__((noinline)) int record_ruled(int (*const *slot)(int, int, ...),
						  enum command_kind kind, int fd, int command,
						  void *argument)
{
	static const enum fcntl_lock_kind kinds[] = {
		[COMMAND_GET] = FCNTL_GET,     [COMMAND_SET] = FCNTL_SET,
		[COMMAND_WAIT] = FCNTL_WAIT,   [COMMAND_OFD_GET] = FCNTL_GET,
		[COMMAND_OFD_SET] = FCNTL_SET, [COMMAND_OFD_WAIT] = FCNTL_WAIT,
	};
	const struct shim_state *state = shim_state();
	int (*next_fcntl)(int, int, ...) = __atomic_load_n(slot, __ATOMIC_RELAXED);

	if (state->asks_records)
		return record_rule_fcntl(state, &(struct record_call){ next_fcntl, kinds[kind],
								       is_ofd(kind), fd, command,
								       argument });
	return fcntl_lock(next_fcntl, kinds[kind], fd, command, argument);
}

/* The state has begun. */
static inline __attribute__((always_inline)) int record_decided(int (*const *slot)(int, int, ...),
								enum command_kind kind, int fd,
								int command, void *argument)
{
	const struct shim_state *state = __atomic_load_n(&shim_started, __ATOMIC_ACQUIRE);

	if (state->asks_records && argument)
		return record_ruled(slot, kind, fd, command, argument);
	if (is_ofd_change(kind))
		ofd_note_program();
	if (!state->active || state->passes_all || !argument || is_ofd(kind))
		return __atomic_load_n(slot, __ATOMIC_RELAXED)(fd, command, argument);
	return record_ruled(slot, kind, fd, command, argument);
}

/* An OFD lock of the program's own through a description that another process may hold it by. */
static __attribute__((noinline)) int ofd_looked_at(int (*const *slot)(int, int, ...),
						   enum command_kind kind, int fd, int command,
						   void *argument)
{
	struct hazard_ofd before;
	int result, saved;

	hazard_ofd_before(&before, fd);
	result = record_decided(slot, kind, fd, command, argument);
	saved = errno;
	if (!result)
		hazard_ofd_after(&before, fd, argument);
	errno = saved;
	return result;
}

static inline __attribute__((always_inline)) int ofd_told(int (*const *slot)(int, int, ...),
							  enum command_kind kind, int fd,
							  int command, void *argument)
{
	int result;

	if (__builtin_expect(hazard_ofd_due(fd), 0))
		return ofd_looked_at(slot, kind, fd, command, argument);
	result = record_decided(slot, kind, fd, command, argument);
	if (!result)
		hazard_ofd_taken(fd, argument);
	return result;
}

static inline __attribute__((always_inline)) int record_through(int (*const *slot)(int, int, ...),
								enum command_kind kind, int fd,
								int command, void *argument)
{
	if (is_ofd_change(kind) && hazard_shown())
		return ofd_told(slot, kind, fd, command, argument);
	return record_decided(slot, kind, fd, command, argument);
}

struct watched_call {
	struct watch watch;
	int (*const *slot)(int, int, ...);
	enum command_kind kind;
	int fd, command;
	void *argument;
};

/* The kernel may not have come to read it. */
static __attribute__((noinline)) void refused(struct watched_call *call, enum command_kind kind)
{
	struct record_argument asked;

	if (!record_argument_read(call->command, call->argument, &asked))
		return;
	if (kind == COMMAND_GET || kind == COMMAND_OFD_GET)
		watch_record_answer(&call->watch, &asked);
	else
		watch_record_set(&call->watch, &asked);
}

static __attribute__((noinline)) void answered(struct watched_call *call)
{
	struct record_argument answer;

	record_argument_copy(call->command, call->argument, &answer);
	watch_record_answer(&call->watch, &answer);
}

static inline __attribute__((always_inline)) int act(void *context, bool trial)
{
	struct watched_call *call = context;
	enum command_kind kind = call->kind;
	int result;

	if (trial)
		kind = kind == COMMAND_WAIT ? COMMAND_SET : COMMAND_OFD_SET;
	result = record_through(call->slot, kind, call->fd,
				trial ? fcntl_lock_trial(call->command) : call->command,
				call->argument);
	if (result) {
		refused(call, kind);
	} else if (kind == COMMAND_GET || kind == COMMAND_OFD_GET) {
		answered(call);
	} else {
		struct record_argument asked;

		record_argument_copy(call->command, call->argument, &asked);
		watch_record_set(&call->watch, &asked);
	}
	return result;
}

static NO_CANARY __attribute__((noinline)) int record_watched(int (*const *slot)(int, int, ...),
							      enum command_kind kind, int fd,
							      int command, void *argument,
							      const void *site)
{
	struct watched_call call;
	struct record_argument asked;
	bool ofd = is_ofd(kind);

	(void)shim_state(); /* a probe may be attached before anything of ours ran */
	call.slot = slot;
	call.kind = kind;
	call.fd = fd;
	call.command = command;
	call.argument = argument;
	watch_begin(&call.watch, ofd ? TRACE_CALL_OFD : TRACE_CALL_FCNTL,
		    ofd ? TRACE_FAMILY_OFD : TRACE_FAMILY_POSIX, fd, site);
	call.watch.section = true;
	/* Where the argument can't be read. */
	call.watch.event.start = call.watch.event.length = 0;
	call.watch.event.blocker = 0;
	if (kind == COMMAND_WAIT || kind == COMMAND_OFD_WAIT) {
		cancel_point();
		call.watch.event.flags = TRACE_BLOCKING;
	}
	if ((kind == COMMAND_GET || kind == COMMAND_OFD_GET) &&
	    record_argument_read(command, argument, &asked))
		watch_record_ask(&call.watch, &asked);
	return watch_call(&call.watch, act, &call, true);
}

/* Before anything else of ours ran in this process. */
static __attribute__((noinline)) int record_first(int (*const *slot)(int, int, ...),
						  enum command_kind kind, int fd, int command,
						  void *argument, const void *site)
{
	(void)shim_state();
	return watch_on() ? record_watched(slot, kind, fd, command, argument, site)
			  : record_through(slot, kind, fd, command, argument);
}

/* The argument stays a pointer all the way: an int would cut it. Record locks are told apart here
 * since they need the next symbols (libc's fcntl is a cancellation point in F_SETLKW), while an
 * allocator may call any other command before those can be looked up. */
static int fcntl_through(int (*const *slot)(int, int, ...), int fd, int command, void *argument,
			 const void *site)
{
	enum command_kind kind = kind_of(command);

	if (standin_watching() && (kind == COMMAND_NEW_FD || kind == COMMAND_FLAGS))
		return followed_through(slot, kind, fd, command, argument);
	if (kind == COMMAND_OTHER || kind == COMMAND_NEW_FD || kind == COMMAND_FLAGS)
		return other_through(slot, kind, fd, command, argument);
	if (watch_on())
		return record_watched(slot, kind, fd, command, argument, site);
	if (__builtin_expect(!__atomic_load_n(&shim_started, __ATOMIC_ACQUIRE), 0))
		return record_first(slot, kind, fd, command, argument, site);
	return record_through(slot, kind, fd, command, argument);
}

/* Overrides libc's fcntl; answers as the next fcntl does. */
EXPORT NO_CANARY int fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return fcntl_through(&next.fcntl, fd, command, argument, __builtin_return_address(0));
}

/* The same for programs built with 64-bit offsets (glibc 2.28 and later). */
EXPORT NO_CANARY int fcntl64(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return fcntl_through(&next.fcntl64, fd, command, argument, __builtin_return_address(0));
}

/* The same for old programs and for libraries that avoid the public name. */
EXPORT NO_CANARY int __fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return fcntl_through(&next.fcntl_underscored, fd, command, argument,
			     __builtin_return_address(0));
}

#ifdef LOCKSHIM_FCNTL_TIME64
/* The same for 32-bit programs built with 64-bit time (glibc 2.34 and later). */
EXPORT NO_CANARY int __fcntl_time64(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return fcntl_through(&next.fcntl_time64, fd, command, argument,
			     __builtin_return_address(0));
}
#endif
