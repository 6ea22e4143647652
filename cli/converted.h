/* SPDX-License-Identifier: MIT
 * Whether a running process has the library in it, and what it makes of the process' locks there.
 * Nothing is asked of the process: all is read from /proc, the state file and the policy file. */
#ifndef CLI_CONVERTED_H
#define CLI_CONVERTED_H

#include "cli/converted_proc.h"
#include "policy/policy.h"

enum cli_converted_state {
	CLI_CONVERTED_NO,       /* the library is not in it */
	CLI_CONVERTED_YES,      /* a rule of its policy converts calls */
	CLI_CONVERTED_SHADOW,   /* it would, but for shadow = yes */
	CLI_CONVERTED_FLUSHES,  /* calls pass, and the file is flushed or revalidated with them */
	CLI_CONVERTED_RECORDS,  /* calls pass, and are traced or logged */
	CLI_CONVERTED_PASSES,   /* no rule is for it, or there is no policy file */
	CLI_CONVERTED_DISABLED, /* LOCKSHIM_DISABLE=1 */
	CLI_CONVERTED_BROKEN,   /* its policy cannot be read: everything passes */
	CLI_CONVERTED_CHANGED,  /* the policy file changed since the process began */
	CLI_CONVERTED_UNKNOWN,  /* its environment or its policy file is not to be seen */
};

struct cli_converted {
	struct cli_proc proc;
	bool seen;           /* maps could be read; else nothing below is known */
	const char *library; /* the object in it, or NULL */
	bool replaced;       /* another object, or none, is at that path by now */
	enum cli_converted_state state;
	const char *policy_file;  /* NULL: not to be seen */
	const char *trouble;      /* why BROKEN or UNKNOWN, with file:line where there is one */
	bool meets_native;        /* every flock that it converts is taken natively too */
	bool has_hash, published; /* published: by the process itself, in the state file */
	uint64_t hash;
};

/* False where there is no such process. */
bool cli_converted_look(int pid, struct cli_converted *ret);

/* "converts", "shadow", ... */
const char *cli_converted_word(enum cli_converted_state state);

/* The first eight digits; "-" where it is not known. */
const char *cli_converted_hash_text(const struct cli_converted *converted);

/* "mail.service" as LOCKSHIM_SERVICE or the unit has it; NULL: neither. */
const char *cli_converted_service(const struct cli_converted *converted);

/* What a policy bound to a process makes of it: the strongest of its rules that can decide. */
enum cli_converted_state cli_converted_under(const struct policy *policy);

/* True where its flock is known to go to the kernel as it is. */
bool cli_converted_is_native(const struct cli_converted *converted);

/* True where both are known to lock one file by different rules, or only one is converted. */
bool cli_converted_differ(const struct cli_converted *one, const struct cli_converted *other);

#endif
