/* SPDX-License-Identifier: MIT
 * One row a call; one column an action. What the library does, in words. */
#include "cli/calls.h"
#include "cli/memory.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

enum call {
	FLOCK_SH,
	FLOCK_EX,
	FLOCK_UN,
	FLOCK_UPGRADE,
	FLOCK_EX_READ_ONLY,
	FLOCK_SH_WRITE_ONLY,
	FLOCKS,
	FCNTL = FLOCKS,
	LOCKF,
	OFD,
	CALLS,
};

const struct cli_call cli_calls[] = {
	[FLOCK_SH] = { "flock-sh", "flock LOCK_SH" },
	[FLOCK_EX] = { "flock-ex", "flock LOCK_EX" },
	[FLOCK_UN] = { "flock-un", "flock LOCK_UN" },
	[FLOCK_UPGRADE] = { "flock-upgrade", "flock LOCK_EX over LOCK_SH" },
	[FLOCK_EX_READ_ONLY] = { "flock-ex-read-only", "flock LOCK_EX, opened read-only" },
	[FLOCK_SH_WRITE_ONLY] = { "flock-sh-write-only", "flock LOCK_SH, opened write-only" },
	[FCNTL] = { "fcntl", "fcntl F_SETLK, F_SETLKW" },
	[LOCKF] = { "lockf", "lockf" },
	[OFD] = { "ofd", "fcntl F_OFD_SETLK, F_OFD_SETLKW" },
};

const size_t cli_calls_count = CALLS;

#define NO_LOCK "success, and no lock is taken"

/* NULL: unchanged. "%s": the errno of fail-errno. */
static const char *const becomes[][FLOCKS] = {
	[POLICY_FLOCK_PASS] = { NULL },
	[POLICY_FLOCK_OFD] = {
		[FLOCK_SH] = "OFD read lock, whole file",
		[FLOCK_EX] = "OFD write lock, whole file",
		[FLOCK_UN] = "OFD unlock",
		[FLOCK_UPGRADE] = "OFD write lock; where refused, the shared lock is let go first",
		[FLOCK_EX_READ_ONLY] = "EBADF (open-mode = fail)",
		[FLOCK_SH_WRITE_ONLY] = "EBADF (open-mode = fail)",
	},
	[POLICY_FLOCK_SUCCEED] = {
		[FLOCK_SH] = NO_LOCK,
		[FLOCK_EX] = NO_LOCK,
		[FLOCK_UPGRADE] = NO_LOCK,
		[FLOCK_EX_READ_ONLY] = NO_LOCK,
		[FLOCK_SH_WRITE_ONLY] = NO_LOCK,
	},
	[POLICY_FLOCK_FAIL] = {
		[FLOCK_SH] = "%s",
		[FLOCK_EX] = "%s",
		[FLOCK_UPGRADE] = "%s",
		[FLOCK_EX_READ_ONLY] = "%s",
		[FLOCK_SH_WRITE_ONLY] = "%s",
	},
};

static const char *errno_text(int number)
{
	const char *name = policy_errno_name(number);

	return name ? name : cli_memory_format("errno %d", number);
}

/* An unlock of what was not locked through this process goes to every family it could be in.
 * By whether the call is changed. */
static const char *const unlock_everywhere[] = {
	"unchanged; of a lock that came from elsewhere, OFD unlock too",
	"OFD unlock; of a lock that came from elsewhere, flock LOCK_UN too",
};

static const char *changed_text(enum call call, const struct cli_verdict *verdict)
{
	const int *value = verdict->actions->value;
	const char *text;

	if (call >= FLOCKS)
		return NULL;
	text = becomes[value[POLICY_FLOCK]][call];
	if (text && !strcmp(text, "%s"))
		return errno_text(value[POLICY_FAIL_ERRNO]);
	return text;
}

const char *cli_calls_becomes(const struct cli_call *call, const struct cli_verdict *verdict,
			      bool *ret_changed)
{
	enum call number = (enum call)(call - cli_calls);
	const char *text = changed_text(number, verdict);

	*ret_changed = text && !verdict->passed && !verdict->shadow;
	if (number == FLOCK_UN && verdict->families & POLICY_FAMILY_OFD)
		return unlock_everywhere[*ret_changed];
	if (!text)
		return "unchanged";
	if (verdict->passed)
		return cli_memory_format("unchanged: %s", verdict->passed);
	if (verdict->shadow)
		return cli_memory_format("unchanged (shadow); else %s", text);
	return text;
}

static void say_unknown(const char *name)
{
	fprintf(stderr, "lockshim: --call %s: unknown; use one of", name);
	for (size_t i = 0; i < CALLS; i++)
		fprintf(stderr, "%s %s", i ? "," : "", cli_calls[i].name);
	fprintf(stderr, "\n");
}

static unsigned bit_of(const char *name)
{
	for (size_t i = 0; i < CALLS; i++) {
		if (!strcmp(name, cli_calls[i].name))
			return 1u << i;
	}
	return 0;
}

unsigned cli_calls_choose(const struct cli_texts *names)
{
	unsigned chosen = 0;

	if (!names->count)
		return (1u << CALLS) - 1;
	for (size_t i = 0; i < names->count; i++) {
		unsigned bit = bit_of(names->at[i]);

		if (!bit) {
			say_unknown(names->at[i]);
			return 0;
		}
		chosen |= bit;
	}
	return chosen;
}
