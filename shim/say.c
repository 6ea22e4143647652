/* SPDX-License-Identifier: MIT
 * Lines on standard error by one write each. */
#include "shim/say.h"

#include <stdarg.h>
#include <string.h>

#include "policy/sys.h"
#include "shim/at_load.h"
#include "shim/quiet.h"

int say_mode;
static struct {
	uint64_t device, inode;
} stderr_is;

static bool stderr_identity(uint64_t *ret_device, uint64_t *ret_inode)
{
	struct stat st;

	if (sys_fstat(2, &st) || quiet_is_connection(&st))
		return false;
	*ret_device = st.st_dev;
	*ret_inode = st.st_ino;
	return true;
}

AT_LOAD void say_start(bool debug, bool endings)
{
	bool known = (debug || endings) && stderr_identity(&stderr_is.device, &stderr_is.inode);
	int then = debug ? SAY_ASIDES : SAY_ENDINGS;

	__atomic_store_n(&say_mode, known ? then : SAY_NOTHING, __ATOMIC_RELEASE);
}

static bool may_say(bool ending)
{
	uint64_t device, inode;

	switch (__atomic_load_n(&say_mode, __ATOMIC_ACQUIRE)) {
	case SAY_STARTING:
		return stderr_identity(&device, &inode);
	case SAY_ENDINGS:
		if (!ending)
			return false;
		/* fallthrough */
	case SAY_ASIDES:
		return stderr_identity(&device, &inode) && device == stderr_is.device &&
		       inode == stderr_is.inode;
	default:
		return false;
	}
}

const char *say_number(char into[24], uint64_t number)
{
	char *at = into + 23;

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	return at;
}

static size_t put(char *line, size_t used, size_t room, const char *text)
{
	size_t len = strlen(text);

	if (len > room - used)
		len = room - used;
	memcpy(line + used, text, len);
	return used + len;
}

static void say_all(const char *first, va_list more)
{
	char line[512], number[24];
	const size_t room = sizeof line - 1;
	size_t used = 0;
	const char *text;

	used = put(line, used, room, "lockshim: ");
	used = put(line, used, room, say_number(number, (uint64_t)sys_getpid()));
	used = put(line, used, room, ": ");
	for (text = first; text; text = va_arg(more, const char *))
		used = put(line, used, room, text);
	line[used++] = '\n';
	quiet_write(2, line, used);
}

void say(const char *first, ...)
{
	va_list more;

	if (!may_say(false))
		return;
	va_start(more, first);
	say_all(first, more);
	va_end(more);
}

void say_ending(const char *first, ...)
{
	va_list more;

	if (!may_say(true))
		return;
	va_start(more, first);
	say_all(first, more);
	va_end(more);
}

static const char *const asides[] = {
	[ASIDE_OBJECT] = "no regular file, flock passed: ",
	[ASIDE_FILE_SYSTEM] = "flock passed on this file system: ",
	[ASIDE_OPEN_MODE] = "EBADF: LOCK_EX needs it open for writing, LOCK_SH for reading",
	[ASIDE_NO_KEEPER] = "EBADF: no keeper for it: ",
	[ASIDE_NO_STANDIN] = "EBADF: no stand-in for it: ",
	[ASIDE_INHERITED] = "fcntl = ofd: a POSIX lock, another process may have it open",
	[ASIDE_NO_OFD] = "ENOLCK: this kernel has no OFD locks",
	[ASIDE_NO_PATH] = "no path to be had (is /proc mounted?), ENOLCK where a rule asks for it",
	[ASIDE_NO_MOUNTS] = "no mount table (is /proc mounted?), ENOLCK where a rule asks for it",
	[ASIDE_SHADOW] = "shadow: passed, would have been ",
};

/* What was said, as hashes; a full table says no more. */
#define SAID 256
static uint32_t said[SAID];

bool say_first_time(unsigned kind, uint64_t device, uint64_t inode)
{
	uint64_t mixed =
		(inode * 0x9e3779b97f4a7c15u ^ device ^ (uint64_t)kind << 56) * 0xff51afd7ed558ccdu;
	uint32_t hash = (uint32_t)(mixed >> 32) | 1, seen;
	unsigned i;

	for (i = 0; i < SAID; i++) {
		seen = 0;
		if (__atomic_compare_exchange_n(&said[(hash + i) % SAID], &seen, hash, 0,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return true;
		if (seen == hash)
			return false;
	}
	return false;
}

void say_aside(enum step_aside kind, uint64_t device, uint64_t inode, const char *detail)
{
	char a[24], b[24];

	if (!say_debugging() || !say_first_time(kind, device, inode))
		return;
	say("device ", say_number(a, device), " inode ", say_number(b, inode), ": ", asides[kind],
	    detail ? detail : "", NULL);
}
