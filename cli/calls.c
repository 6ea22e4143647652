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
	FCNTL_GET,
	LOCKF,
	OFD,
	OFD_GET,
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
	[FCNTL_GET] = { "fcntl-get", "fcntl F_GETLK" },
	[LOCKF] = { "lockf", "lockf" },
	[OFD] = { "ofd", "fcntl F_OFD_SETLK, F_OFD_SETLKW" },
	[OFD_GET] = { "ofd-get", "fcntl F_OFD_GETLK" },
};

const size_t cli_calls_count = CALLS;

#define NO_LOCK "success, and no lock is taken"
#define OFD_RANGE "OFD lock, the same range; POSIX where another process may have the description"

/* NULL: unchanged. "%s": the errno of fail-errno. */
static const char *const becomes[][FLOCKS] = {
	[POLICY_FLOCK_PASS] = { NULL },
	[POLICY_FLOCK_OFD] = {
		[FLOCK_SH] = "OFD read lock, whole file",
		[FLOCK_EX] = "OFD write lock, whole file",
		[FLOCK_UN] = "OFD unlock",
		[FLOCK_UPGRADE] = "OFD write lock, whole file",
		[FLOCK_EX_READ_ONLY] = "OFD write lock, whole file",
		[FLOCK_SH_WRITE_ONLY] = "OFD read lock, whole file",
	},
	/* What the process's own lock can't be, another description's is: an OFD lock. */
	[POLICY_FLOCK_POSIX] = {
		[FLOCK_SH] = "POSIX read lock, whole file",
		[FLOCK_EX] = "POSIX write lock, whole file",
		[FLOCK_UN] = "POSIX unlock",
		[FLOCK_UPGRADE] = "POSIX write lock, whole file",
		[FLOCK_EX_READ_ONLY] = "OFD write lock, whole file",
		[FLOCK_SH_WRITE_ONLY] = "OFD read lock, whole file",
	},
	[POLICY_FLOCK_BOTH] = {
		[FLOCK_SH] = "flock LOCK_SH, then OFD read lock, whole file",
		[FLOCK_EX] = "flock LOCK_EX, then OFD write lock, whole file",
		[FLOCK_UN] = "OFD unlock, then flock LOCK_UN",
		[FLOCK_UPGRADE] = "flock LOCK_EX, then OFD write lock, whole file",
		[FLOCK_EX_READ_ONLY] = "flock LOCK_EX, then OFD write lock, whole file",
		[FLOCK_SH_WRITE_ONLY] = "flock LOCK_SH, then OFD read lock, whole file",
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

/* The other calls: the action that decides, and by its value what it makes of the call. */
static const struct {
	enum policy_action action;
	const char *becomes[4];
} records[] = {
	[FCNTL - FLOCKS] = { POLICY_FCNTL,
			     { [POLICY_FCNTL_OFD] = OFD_RANGE,
			       [POLICY_FCNTL_SUCCEED] = NO_LOCK,
			       [POLICY_FCNTL_FAIL] = "%s" } },
	[FCNTL_GET - FLOCKS] = { POLICY_FCNTL,
				 { [POLICY_FCNTL_OFD] =
					   "F_OFD_GETLK; the process's own locks don't show" } },
	[LOCKF - FLOCKS] = { POLICY_FCNTL,
			     { [POLICY_FCNTL_OFD] = OFD_RANGE,
			       [POLICY_FCNTL_SUCCEED] = NO_LOCK,
			       [POLICY_FCNTL_FAIL] = "%s" } },
	[OFD - FLOCKS] = { POLICY_OFD_CALLS,
			   { [POLICY_OFD_CALLS_POSIX] = "POSIX lock, the same range",
			     [POLICY_OFD_CALLS_SUCCEED] = NO_LOCK,
			     [POLICY_OFD_CALLS_FAIL] = "%s" } },
	[OFD_GET - FLOCKS] = { POLICY_OFD_CALLS, { [POLICY_OFD_CALLS_POSIX] = "F_GETLK" } },
};

/* What a second action makes of a record lock. */
struct manner {
	const char *after;   /* follows the lock's text */
	const char *instead; /* stands in its place */
};

static const struct manner upgrades[] = {
	[POLICY_UPGRADE_DROP] = { "; where refused, the shared lock is let go first", NULL },
	[POLICY_UPGRADE_ATOMIC] = { "; the shared lock is kept until it is granted, EDEADLK in a "
				    "cycle",
				    NULL },
};

static const struct manner open_modes[] = {
	[POLICY_OPEN_MODE_KEEPER] = { ", held by a keeper; EBADF where there can be none", NULL },
	[POLICY_OPEN_MODE_REOPEN] = { ", held by a stand-in; EBADF where there can be none", NULL },
	[POLICY_OPEN_MODE_FAIL] = { NULL, "EBADF (open-mode = fail)" },
};

/* The calls that ask a second action, and its words by its value. */
static const struct {
	enum policy_action action;
	const struct manner *manners;
} asks[FLOCKS] = {
	[FLOCK_UPGRADE] = { POLICY_UPGRADE, upgrades },
	[FLOCK_EX_READ_ONLY] = { POLICY_OPEN_MODE, open_modes },
	[FLOCK_SH_WRITE_ONLY] = { POLICY_OPEN_MODE, open_modes },
};

/* In the order in which the library lets go. */
static const struct {
	enum policy_family family;
	const char *text;
} unlocks[] = {
	{ POLICY_FAMILY_OFD, "OFD unlock" },
	{ POLICY_FAMILY_POSIX, "POSIX unlock" },
	{ POLICY_FAMILY_NATIVE, "flock LOCK_UN" },
};

static const char *errno_text(int number)
{
	const char *name = policy_errno_name(number);

	return name ? name : cli_memory_format("errno %d", number);
}

static unsigned families_of(const struct policy_actions *actions)
{
	return policy_flock_families((enum policy_flock_value)actions->value[POLICY_FLOCK]);
}

static const char *in_manner(enum call call, const struct policy_actions *actions, const char *text)
{
	const struct manner *manner;

	if (!asks[call].manners || !(families_of(actions) & ~(unsigned)POLICY_FAMILY_NATIVE))
		return text;
	manner = &asks[call].manners[actions->value[asks[call].action]];
	return manner->instead ? manner->instead : cli_memory_format("%s%s", text, manner->after);
}

static const char *raw_text(enum call call, const struct policy_actions *actions)
{
	if (call < FLOCKS)
		return becomes[actions->value[POLICY_FLOCK]][call];
	return records[call - FLOCKS].becomes[actions->value[records[call - FLOCKS].action]];
}

static const char *changed_text(enum call call, const struct policy_actions *actions)
{
	const char *text = raw_text(call, actions);

	if (!text)
		return NULL;
	if (!strcmp(text, "%s"))
		return errno_text(actions->value[POLICY_FAIL_ERRNO]);
	return call < FLOCKS ? in_manner(call, actions, text) : text;
}

static const char *unlocks_text(unsigned families)
{
	const char *all = "";

	for (size_t i = 0; i < sizeof(unlocks) / sizeof(unlocks[0]); i++) {
		if (families & unlocks[i].family)
			all = cli_memory_format("%s%s%s", all, *all ? ", " : "", unlocks[i].text);
	}
	return all;
}

/* An unlock of what was not locked through this process goes to every family it could be in.
 * NULL: there is one only. */
static const char *unlock_text(const struct cli_verdict *verdict, bool changed)
{
	unsigned own = changed ? families_of(verdict->actions) : (unsigned)POLICY_FAMILY_NATIVE;
	unsigned other = verdict->families & ~own;

	if (!other)
		return NULL;
	return cli_memory_format("%s; of a lock that came from elsewhere, %s too",
				 changed ? changed_text(FLOCK_UN, verdict->actions) : "unchanged",
				 unlocks_text(other));
}

static const char *call_text(const struct cli_call *call, const struct cli_verdict *verdict,
			     bool *ret_changed)
{
	enum call number = (enum call)(call - cli_calls);
	const char *text = changed_text(number, verdict->actions), *unlock;

	*ret_changed = text && !verdict->passed && !verdict->shadow;
	unlock = number == FLOCK_UN ? unlock_text(verdict, *ret_changed) : NULL;
	if (unlock)
		return unlock;
	if (!text)
		return "unchanged";
	if (verdict->passed)
		return cli_memory_format("unchanged: %s", verdict->passed);
	if (verdict->shadow)
		return cli_memory_format("unchanged (shadow); else %s", text);
	return text;
}

/* Which calls let go of a lock, and which take one. */
static const struct {
	const char *flush;
	bool takes;
} around[CALLS] = {
	[FLOCK_SH] = { " first, over LOCK_EX", true },
	[FLOCK_EX] = { NULL, true },
	[FLOCK_UN] = { " first", false },
	[FLOCK_UPGRADE] = { " first", true },
	[FLOCK_EX_READ_ONLY] = { NULL, true },
	[FLOCK_SH_WRITE_ONLY] = { " first, over LOCK_EX", true },
	[FCNTL] = { " before F_UNLCK, and F_RDLCK over F_WRLCK", true },
	[LOCKF] = { " before F_ULOCK", true },
	[OFD] = { " before F_UNLCK, and F_RDLCK over F_WRLCK", true },
};

static const char *flush_text(enum call call, const struct cli_verdict *verdict)
{
	static const char *const by[] = {
		[POLICY_ON_UNLOCK_FLUSH_DATA] = "fdatasync",
		[POLICY_ON_UNLOCK_FLUSH] = "fsync",
	};
	const struct policy_actions *actions = verdict->actions;
	bool atomic = actions->value[POLICY_UPGRADE] == POLICY_UPGRADE_ATOMIC && !verdict->passed &&
		      !(families_of(actions) & POLICY_FAMILY_NATIVE);

	if (!around[call].flush || !actions->value[POLICY_ON_UNLOCK] ||
	    (call == FLOCK_UPGRADE && atomic))
		return "";
	return cli_memory_format("; %s%s", by[actions->value[POLICY_ON_UNLOCK]],
				 around[call].flush);
}

const char *cli_calls_becomes(const struct cli_call *call, const struct cli_verdict *verdict,
			      bool *ret_changed)
{
	enum call number = (enum call)(call - cli_calls);
	const char *text = call_text(call, verdict, ret_changed);

	if (verdict->shadow || verdict->special)
		return text;
	return cli_memory_format("%s%s%s", text, flush_text(number, verdict),
				 around[number].takes && verdict->actions->value[POLICY_ON_LOCK]
					 ? "; the file is read anew after it"
					 : "");
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
