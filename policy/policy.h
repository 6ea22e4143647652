/* SPDX-License-Identifier: MIT
 * The policy language: text in, verdict out. The same library in shim and command.
 * No globals, no environment, no printing, no libc allocator: memory comes from the caller. */
#ifndef LOCKSHIM_POLICY_H
#define LOCKSHIM_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_LINE_MAX 4096      /* bytes of one line, without its newline */
#define POLICY_NAME_MAX 64        /* bytes of a rule's name */
#define POLICY_FILE_MAX (8 << 20) /* bytes of one policy file */
#define POLICY_INCLUDE_DEPTH 16
#define POLICY_DIRECTORY_MAX                                                                       \
	200 /* bytes of a directory's path, so that a name still fits behind                       \
	     */

/* Lock families, as bits, for sets of them. */
enum policy_family {
	POLICY_FAMILY_NATIVE = 1 << 0,
	POLICY_FAMILY_OFD = 1 << 1,
	POLICY_FAMILY_POSIX = 1 << 2,
};

/* The match keys, in the order of the table in keys.c. */
enum policy_match {
	POLICY_FILESYSTEM,
	POLICY_PATH,
	POLICY_FSTYPE,
	POLICY_EXPORTED,
	POLICY_PROGRAM,
	POLICY_USER,
	POLICY_SERVICE,
	POLICY_MATCH_COUNT,
};

/* The match keys that are about a file, not about the process. */
#define POLICY_FILE_KEYS                                                                           \
	(1u << POLICY_FILESYSTEM | 1u << POLICY_PATH | 1u << POLICY_FSTYPE | 1u << POLICY_EXPORTED)
/* Those of them that ask what is mounted where, and those that ask for the file's path. */
#define POLICY_MOUNT_KEYS (1u << POLICY_FILESYSTEM | 1u << POLICY_FSTYPE | 1u << POLICY_EXPORTED)
#define POLICY_PATH_KEYS (1u << POLICY_PATH | 1u << POLICY_EXPORTED)

/* The action keys. A value is an int: a choice's number, an errno, or a text's number (0: none). */
enum policy_action {
	POLICY_FLOCK,
	POLICY_FCNTL,
	POLICY_OFD_CALLS,
	POLICY_FAIL_ERRNO,
	POLICY_OPEN_MODE,
	POLICY_UPGRADE,
	POLICY_ON_UNLOCK,
	POLICY_FLUSH_ERROR,
	POLICY_ON_LOCK,
	POLICY_TRACE,
	POLICY_TRACE_DIRECTORY,
	POLICY_TRACE_SIZE,
	POLICY_TRACE_FULL,
	POLICY_LOG,
	POLICY_LOG_TO,
	POLICY_STATE_DIR,
	POLICY_SHADOW,
	POLICY_UNSAFE,
	POLICY_ACTION_COUNT,
};

enum policy_flock_value {
	POLICY_FLOCK_PASS,
	POLICY_FLOCK_OFD,
	POLICY_FLOCK_POSIX,
	POLICY_FLOCK_BOTH,
	POLICY_FLOCK_SUCCEED,
	POLICY_FLOCK_FAIL,
};

/* What F_SETLK, F_SETLKW and F_GETLK become, lockf included. */
enum policy_fcntl_value {
	POLICY_FCNTL_PASS,
	POLICY_FCNTL_OFD,
	POLICY_FCNTL_SUCCEED,
	POLICY_FCNTL_FAIL,
};

/* What F_OFD_SETLK, F_OFD_SETLKW and F_OFD_GETLK become. */
enum policy_ofd_value {
	POLICY_OFD_CALLS_PASS,
	POLICY_OFD_CALLS_POSIX,
	POLICY_OFD_CALLS_SUCCEED,
	POLICY_OFD_CALLS_FAIL,
};

enum policy_open_mode_value {
	POLICY_OPEN_MODE_KEEPER,
	POLICY_OPEN_MODE_REOPEN,
	POLICY_OPEN_MODE_FAIL,
};

enum policy_upgrade_value { POLICY_UPGRADE_DROP, POLICY_UPGRADE_ATOMIC };

/* What is done with the file's data before a lock is let go: fdatasync, fsync. */
enum policy_on_unlock_value {
	POLICY_ON_UNLOCK_NOTHING,
	POLICY_ON_UNLOCK_FLUSH_DATA,
	POLICY_ON_UNLOCK_FLUSH,
};

enum policy_flush_error_value { POLICY_FLUSH_ERROR_IGNORE, POLICY_FLUSH_ERROR_REPORT };

enum policy_on_lock_value { POLICY_ON_LOCK_NOTHING, POLICY_ON_LOCK_REVALIDATE };

/* Which calls trace and log tell of. */
enum policy_record_value {
	POLICY_RECORD_NO,
	POLICY_RECORD_ERRORS,    /* those that fail, and hazards */
	POLICY_RECORD_CONTENDED, /* those, and those that had to wait */
	POLICY_RECORD_ALL,
};

enum policy_trace_full_value { POLICY_TRACE_FULL_STOP, POLICY_TRACE_FULL_OVERWRITE };

/* The families (enum policy_family) that flock becomes under a value. */
unsigned policy_flock_families(enum policy_flock_value value);

/* How a key's value is read. */
enum policy_kind {
	POLICY_KIND_MOUNT_POINT, /* list of absolute paths, no wildcards */
	POLICY_KIND_PATH_GLOB,   /* list of absolute globs */
	POLICY_KIND_NAME_GLOB,   /* list of globs without a slash */
	POLICY_KIND_PROGRAM,     /* list of globs: without a slash a base name, else absolute */
	POLICY_KIND_USER,        /* list of user names or numbers */
	POLICY_KIND_YES,         /* yes, or !yes */
	POLICY_KIND_CHOICE,      /* one word of the row's choices; its number is its place there */
	POLICY_KIND_ERRNO,       /* an errno, by name or by number 1..4095 */
	POLICY_KIND_DIRECTORY, /* an absolute path; its number is 1 + its place in policy->texts */
	POLICY_KIND_DESTINATION, /* stderr, syslog or an absolute path; numbered as a directory */
	POLICY_KIND_SIZE,        /* bytes, or with K, M, G behind; its number counts 1,024 bytes */
};

/* True where a value's number is its place in policy->texts. */
static inline bool policy_kind_is_text(enum policy_kind kind)
{
	return kind == POLICY_KIND_DIRECTORY || kind == POLICY_KIND_DESTINATION;
}

/* One row a key: read by the reader, the checker, `lockshim explain` and the manual. */
struct policy_key {
	const char *name;
	bool match; /* a match key: `number` is an enum policy_match; else an enum policy_action */
	int number;
	enum policy_kind kind;
	const char *const *choices; /* NULL-terminated; NULL where the kind is not CHOICE */
	int initial;                /* an action's default */
	const char *summary;        /* one sentence for the manual */
};

extern const struct policy_key policy_keys[];
extern const size_t policy_keys_count;

/* The key of that name, or NULL. */
const struct policy_key *policy_key_find(const char *name, size_t len);
/* The row of an action or match key, never NULL. */
const struct policy_key *policy_key_of_action(enum policy_action action);
const struct policy_key *policy_key_of_match(enum policy_match match);
/* An errno's name, or NULL: "ENOLCK" for ENOLCK. */
const char *policy_errno_name(int number);

/* What the rule, or the overlay, or both together, say. */
struct policy_actions {
	int value[POLICY_ACTION_COUNT];
	uint32_t set; /* bit 1 << action: written by a rule or by the overlay, not the default */
};

/* The actions that say what a call becomes, each with 0 for "passes". */
#define POLICY_CALL_ACTIONS (1u << POLICY_FLOCK | 1u << POLICY_FCNTL | 1u << POLICY_OFD_CALLS)

/* The actions that say what is done around a call, whatever it becomes, each with 0 for "nothing".
 */
#define POLICY_AROUND_ACTIONS (1u << POLICY_ON_UNLOCK | 1u << POLICY_ON_LOCK)

/* The actions that say what is told of the calls; no call becomes another by them. */
#define POLICY_RECORD_ACTIONS                                                                      \
	(1u << POLICY_TRACE | 1u << POLICY_TRACE_DIRECTORY | 1u << POLICY_TRACE_SIZE |             \
	 1u << POLICY_TRACE_FULL | 1u << POLICY_LOG | 1u << POLICY_LOG_TO)
/* The actions that are the process's, whatever the file: policy_process_value(). */
#define POLICY_PROCESS_ACTIONS                                                                     \
	(1u << POLICY_STATE_DIR | 1u << POLICY_TRACE_DIRECTORY | 1u << POLICY_TRACE_SIZE |         \
	 1u << POLICY_TRACE_FULL | 1u << POLICY_LOG_TO)

/* True where one of POLICY_CALL_ACTIONS is another than "pass". */
bool policy_changes_calls(const struct policy_actions *actions);

struct policy_item {
	const char *text; /* NUL-terminated, escapes of the list already undone */
	bool exclude;     /* written with a leading ! */
	unsigned column;  /* 1-based, in the line of the key */
	int filesystem;   /* FILESYSTEM items: place in policy->filesystems */
};

struct policy_list {
	struct policy_item *items;
	size_t count;
	unsigned line; /* 0: the key is absent and matches anything */
};

struct policy_rule {
	const char *name;
	const char *file;
	unsigned line, column; /* of its header */
	uint32_t match_set;    /* bit 1 << match: the key is present */
	struct policy_list match[POLICY_MATCH_COUNT];
	unsigned action_line[POLICY_ACTION_COUNT]; /* 0: not written */
	struct policy_actions actions;             /* with the overlay, once there is one */
	bool process_matches; /* set by policy_bind(): program, user and service fit */
};

/* Everything here lives in the caller's memory and is constant after policy_bind(). */
struct policy {
	struct policy_rule **rules;
	size_t rules_count;
	const char **filesystems; /* each mount point named by a rule, once */
	size_t filesystems_count;
	const char **texts; /* each directory that an action names, once */
	size_t texts_count;
	struct policy_actions no_rule; /* what stands where no rule matches: defaults and overlay */
	uint64_t hash;                 /* of all text read, and of an overlay of calls: FNV-1a */
	uint32_t recorded;             /* bits of the actions that policy_record() set */
	/* Set by policy_bind(), over the rules whose process keys fit: */
	uint32_t bound_match; /* union of their match_set, as far as any of them can decide */
	const struct policy_rule *
		*bound; /* those rules; nothing after the first without file keys */
	size_t bound_count;
};

/* Where reading failed, and what to do. column 0: the whole line; line 0: the whole file. */
struct policy_error {
	const char *file; /* as named by the caller or an include; lives in the memory given */
	unsigned line, column;
	char text[400];
};

/* Zeroed memory that lives as long as the policy. more() returns NULL when there is none. */
struct policy_memory {
	void *(*more)(void *context, size_t size);
	void *context;
};

/* Who may have written a policy file: root, and this user where it is not root. */
struct policy_trust {
	uint32_t user;
	bool root_only; /* AT_SECURE: owned by root alone */
};

/* Reads FILE (absolute) and what it includes. Returns 0, or -errno with *err filled: -ENOENT where
 * FILE itself is missing, -EINVAL where the text is wrong, -EPERM where somebody else could have
 * written it, -ENOMEM, or what open, read or getdents answered. Errors are found in the order of
 * the text; rules that can never be reached are looked for last. In policies of thousands of rules
 * a hidden one may go unfound; a reachable one is never called hidden. Async-signal-safe as far as
 * memory->more is. */
int policy_load(struct policy **ret_policy, const char *file, const struct policy_trust *trust,
		const struct policy_memory *memory, struct policy_error *err);

/* The same from text that is already in memory; NAME stands in the errors. */
int policy_parse(struct policy **ret_policy, const char *name, const char *text, size_t len,
		 const struct policy_trust *trust, const struct policy_memory *memory,
		 struct policy_error *err);

/* A policy without rules: everything passes. */
int policy_empty(struct policy **ret_policy, const struct policy_memory *memory);

/* Lays LOCKSHIM_SET's items (split by ; or newline) over every rule and over "no rule". Once a
 * policy, before policy_bind(). Errors are placed by column in the text, line 1, file NAME, which
 * is not copied. On an error the policy stays as it was. */
int policy_overlay(struct policy *policy, const char *name, const char *text, size_t len,
		   const struct policy_memory *memory, struct policy_error *err);

/* LOCKSHIM_TRACE (ACTION is POLICY_TRACE, WHERE a directory) and LOCKSHIM_LOG (POLICY_LOG, a
 * destination): "all" under every rule that does not write ACTION, and under "no rule"; WHERE over
 * what rules say. Before policy_overlay(), which goes over it. NAME is the variable's, for errors,
 * and not copied. On an error (-EINVAL, -ENOMEM) the policy stays as it was. */
int policy_record(struct policy *policy, enum policy_action action, const char *name,
		  const char *where, const struct policy_memory *memory, struct policy_error *err);

/* What a rule can know of a process. Any pointer may be NULL: then it is not known. */
struct policy_process {
	const char *executable; /* absolute path of the executable */
	const char *started_as; /* the path given to execve, a script's own name included */
	const char *argv0;
	uint32_t user;       /* effective */
	const char *service; /* LOCKSHIM_SERVICE */
	const char *passwd;  /* text of the passwd file, for user names */
	size_t passwd_len;
};

/* Marks the rules whose program, user and service keys fit. Once, before the first verdict. */
void policy_bind(struct policy *policy, const struct policy_process *process);

enum policy_answer { POLICY_UNKNOWN, POLICY_NO, POLICY_YES };

/* What a rule can know of a file. */
struct policy_file {
	const char *path;   /* resolved; NULL: not known, and no path key matches */
	const char *fstype; /* as mountinfo has it; NULL: not known */
	uint64_t device;    /* of the file system, as mountinfo has it: major << 32 | minor */
	const uint64_t *filesystem_device; /* for each policy->filesystems the device mounted there,
					      POLICY_NO_DEVICE where nothing is; NULL: none known */
	enum policy_answer exported;       /* see policy_exported() */
};

#define POLICY_NO_DEVICE UINT64_MAX
static inline uint64_t policy_device(unsigned major, unsigned minor)
{
	return (uint64_t)major << 32 | minor;
}

/* The actions for a file in the bound process; *ret_rule is the rule that decided, or NULL.
 * Never fails. Async-signal-safe, no system call. */
const struct policy_actions *policy_decide(const struct policy *policy,
					   const struct policy_file *file,
					   const struct policy_rule **ret_rule);

/* The value of one of POLICY_PROCESS_ACTIONS: by the first rule bound to the process that writes
 * it, whatever files that rule is for; the overlay goes before all. */
int policy_process_value(const struct policy *policy, enum policy_action action);
/* The same of those that are texts. NULL: nobody said. */
const char *policy_process_text(const struct policy *policy, enum policy_action action);
/* The same of a size, in bytes. */
uint64_t policy_process_size(const struct policy *policy, enum policy_action action);

/* True where a rule whose answer hangs on facts that could not be learned (UNKNOWN: bits of enum
 * policy_match) could have made flock another thing than ACTIONS, which policy_decide() gave. */
bool policy_could_differ(const struct policy *policy, const struct policy_file *file,
			 uint32_t unknown, const struct policy_actions *actions);

/* Why a rule does not match: the first match key, in table order, that does not fit; -1 where the
 * rule matches. The process must have been bound with policy_bind(); PROCESS is asked again here.
 */
int policy_rule_misfit(const struct policy_rule *rule, const struct policy_process *process,
		       const struct policy_file *file);

/* The families (enum policy_family) that rules could choose for flock on this file in any process:
 * what an unlock of a grant that is not ours has to try. NATIVE is always among them. What is not
 * known of the file counts as fitting. */
unsigned policy_families(const struct policy *policy, const struct policy_file *file);

/* The keys that a verdict can depend on once the process is bound. */
static inline bool policy_asks_file(const struct policy *policy)
{
	return policy->bound_match & POLICY_FILE_KEYS;
}
static inline bool policy_asks_path(const struct policy *policy)
{
	return policy->bound_match & POLICY_PATH_KEYS;
}

/* One line of /proc/PID/mountinfo. Strings point into the text and are not terminated; octal
 * escapes stand as they are. */
struct policy_mount {
	int id, parent; /* the root has itself or one that is not in the list */
	uint64_t device;
	const char *mount_point, *fstype, *super_options;
	size_t mount_point_len, fstype_len, super_options_len;
};

/* Reads the line at *at and steps over it; false at the end. Lines it cannot read are skipped. */
bool policy_mount_next(const char **at, const char *end, struct policy_mount *ret_mount);

/* True where the escaped mount point is PATH. */
bool policy_mount_is_at(const struct policy_mount *mount, const char *path);

/* For each policy->filesystems the device of what is mounted there on top, or
 * POLICY_NO_DEVICE. `ret` has room for filesystems_count. */
void policy_filesystem_devices(const struct policy *policy, const char *text, size_t len,
			       uint64_t *ret);

/* True where a comma-separated option list holds OPTION, whole: "local_lock=all". */
bool policy_mount_has(const struct policy_mount *mount, const char *option);

struct policy_text {
	const char *at;
	size_t len;
};

/* Whether this host exports a file over NFS: by LISTS, the texts of exportfs's etab and of the
 * kernel's table ("/path" and clients with their options a line), and MOUNTS, the text of
 * mountinfo. An export of a mount point takes in the whole file system, under every name; one of a
 * directory takes in what lies below it by PATH (NULL: not known) on the same file system, or on
 * any with crossmnt. */
enum policy_answer policy_exported(const struct policy_text *lists, size_t count,
				   const struct policy_text *mounts, uint64_t device,
				   const char *path);

/* What may be done with flock on a file system before any rule is asked. */
enum policy_treatment {
	POLICY_CONVERT,
	POLICY_CONVERT_IF_NAMED, /* only by a rule with a file key: fuse */
	POLICY_PASS_ALWAYS,
};

/* By statfs's f_type. local_flock: an NFS mount whose flock stays on this client; asked only where
 * policy_treatment_asks_mount(). *ret_why: the reason in words where it is not POLICY_CONVERT. */
enum policy_treatment policy_treatment(uint32_t magic, bool local_flock, const char **ret_why);
bool policy_treatment_asks_mount(uint32_t magic);
/* The same by the type that mountinfo has. */
enum policy_treatment policy_treatment_by_name(const char *fstype, bool local_flock,
					       const char **ret_why);
bool policy_mount_keeps_flock_local(const struct policy_mount *mount);

/* True where flock passes although RULE (NULL: no rule) may say otherwise. */
bool policy_treatment_passes(enum policy_treatment treatment, const struct policy_rule *rule);

/* The glob of `path`, `program` and the others: * and ? stop at a slash, ** does not, [a-z] and
 * [!a-z] never match a slash, \ takes the next character as it is. A / before and after ** may be
 * the same one, so that the glob matches where there is no directory between. No recursion. */
bool policy_glob(const char *pattern, const char *text);

#endif
