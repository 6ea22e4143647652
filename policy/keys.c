/* SPDX-License-Identifier: MIT
 * The one table of keys, and what is read straight from it. */
#include "policy/internal.h"

#include <errno.h>
#include <string.h>

static const char *const flock_choices[] = {
	"pass", "ofd", "posix", "both", "succeed", "fail", NULL
};
static const char *const fcntl_choices[] = { "pass", "ofd", "succeed", "fail", NULL };
static const char *const ofd_choices[] = { "pass", "posix", "succeed", "fail", NULL };
static const char *const open_mode_choices[] = { "keeper", "reopen", "fail", NULL };
static const char *const upgrade_choices[] = { "drop", "atomic", NULL };
static const char *const on_unlock_choices[] = { "nothing", "flush-data", "flush", NULL };
static const char *const flush_error_choices[] = { "ignore", "report", NULL };
static const char *const on_lock_choices[] = { "nothing", "revalidate", NULL };
static const char *const record_choices[] = { "no", "errors", "contended", "all", NULL };
static const char *const trace_full_choices[] = { "stop", "overwrite", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };

#define MATCH(name, number, kind, summary)                                                         \
	{                                                                                          \
		name, true, number, kind, NULL, 0, summary                                         \
	}
#define ACTION(name, number, kind, choices, initial, summary)                                      \
	{                                                                                          \
		name, false, number, kind, choices, initial, summary                               \
	}

/* Match keys first, then actions, each in the order of its enum: looked up by place. */
const struct policy_key policy_keys[] = {
	MATCH("filesystem", POLICY_FILESYSTEM, POLICY_KIND_MOUNT_POINT,
	      "The file is on the file system mounted at this mount point."),
	MATCH("path", POLICY_PATH, POLICY_KIND_PATH_GLOB,
	      "The file's resolved path matches this glob."),
	MATCH("fstype", POLICY_FSTYPE, POLICY_KIND_NAME_GLOB,
	      "The file system's type, as mountinfo has it, matches this glob."),
	MATCH("exported", POLICY_EXPORTED, POLICY_KIND_YES,
	      "The file is on a file system or in a directory that this host exports over NFS."),
	MATCH("program", POLICY_PROGRAM, POLICY_KIND_PROGRAM,
	      "The base name of the executable or of the name it was started by matches this "
	      "glob; with a slash, the executable's path does."),
	MATCH("user", POLICY_USER, POLICY_KIND_USER,
	      "The process runs with this effective user, by number or by name in the passwd "
	      "file."),
	MATCH("service", POLICY_SERVICE, POLICY_KIND_NAME_GLOB,
	      "LOCKSHIM_SERVICE is set and matches this glob."),
	ACTION("flock", POLICY_FLOCK, POLICY_KIND_CHOICE, flock_choices, POLICY_FLOCK_PASS,
	       "What a flock call becomes."),
	ACTION("fcntl", POLICY_FCNTL, POLICY_KIND_CHOICE, fcntl_choices, POLICY_FCNTL_PASS,
	       "What a POSIX record lock by fcntl or lockf becomes."),
	ACTION("ofd", POLICY_OFD_CALLS, POLICY_KIND_CHOICE, ofd_choices, POLICY_OFD_CALLS_PASS,
	       "What an open file description lock by fcntl becomes."),
	ACTION("fail-errno", POLICY_FAIL_ERRNO, POLICY_KIND_ERRNO, NULL, ENOLCK,
	       "What \"fail\" answers."),
	ACTION("open-mode", POLICY_OPEN_MODE, POLICY_KIND_CHOICE, open_mode_choices,
	       POLICY_OPEN_MODE_KEEPER,
	       "What happens where the file was not opened in the mode that the lock needs."),
	ACTION("upgrade", POLICY_UPGRADE, POLICY_KIND_CHOICE, upgrade_choices, POLICY_UPGRADE_DROP,
	       "Whether the shared lock is let go before the exclusive one is granted."),
	ACTION("on-unlock", POLICY_ON_UNLOCK, POLICY_KIND_CHOICE, on_unlock_choices,
	       POLICY_ON_UNLOCK_NOTHING,
	       "What is done with the file's data before a lock on it is let go."),
	ACTION("flush-error", POLICY_FLUSH_ERROR, POLICY_KIND_CHOICE, flush_error_choices,
	       POLICY_FLUSH_ERROR_IGNORE, "Whether the unlock tells of a flush that failed."),
	ACTION("on-lock", POLICY_ON_LOCK, POLICY_KIND_CHOICE, on_lock_choices,
	       POLICY_ON_LOCK_NOTHING,
	       "Whether what was read before a lock was granted is read anew."),
	ACTION("trace", POLICY_TRACE, POLICY_KIND_CHOICE, record_choices, POLICY_RECORD_NO,
	       "Which calls are written to the trace."),
	ACTION("trace-directory", POLICY_TRACE_DIRECTORY, POLICY_KIND_DIRECTORY, NULL, 0,
	       "The directory of the trace."),
	ACTION("trace-size", POLICY_TRACE_SIZE, POLICY_KIND_SIZE, NULL, POLICY_TRACE_SIZE_INITIAL,
	       "How much a thread's part of the trace takes at most."),
	ACTION("trace-full", POLICY_TRACE_FULL, POLICY_KIND_CHOICE, trace_full_choices,
	       POLICY_TRACE_FULL_STOP,
	       "Whether a full part takes no more events, or new ones in the place of the oldest."),
	ACTION("log", POLICY_LOG, POLICY_KIND_CHOICE, record_choices, POLICY_RECORD_NO,
	       "Which calls get a line of text."),
	ACTION("log-to", POLICY_LOG_TO, POLICY_KIND_DESTINATION, NULL, 0,
	       "Where the lines of log go."),
	ACTION("state-dir", POLICY_STATE_DIR, POLICY_KIND_DIRECTORY, NULL, 0,
	       "The directory of what processes share for order and diagnosis."),
	ACTION("shadow", POLICY_SHADOW, POLICY_KIND_CHOICE, no_yes, 0,
	       "Decide as the rule says, but change nothing."),
	ACTION("unsafe", POLICY_UNSAFE, POLICY_KIND_CHOICE, no_yes, 0,
	       "Must be yes beside an action that can let two holders in."),
};

const size_t policy_keys_count = sizeof(policy_keys) / sizeof(policy_keys[0]);

_Static_assert(sizeof(policy_keys) / sizeof(policy_keys[0]) ==
		       POLICY_MATCH_COUNT + POLICY_ACTION_COUNT,
	       "a row for each key");

const struct policy_key *policy_key_find(const char *name, size_t len)
{
	for (size_t i = 0; i < policy_keys_count; i++)
		if (strlen(policy_keys[i].name) == len && !memcmp(policy_keys[i].name, name, len))
			return &policy_keys[i];
	return NULL;
}

const struct policy_key *policy_key_of_match(enum policy_match match)
{
	return &policy_keys[match];
}

const struct policy_key *policy_key_of_action(enum policy_action action)
{
	return &policy_keys[POLICY_MATCH_COUNT + action];
}

int policy_key_unknown(const struct policy_word *word, struct policy_error *err)
{
	struct policy_suggestion near = { .word = word->text, .len = word->len };

	for (size_t i = 0; i < policy_keys_count; i++)
		policy_suggest(&near, policy_keys[i].name);
	policy_suggest(&near, "include");
	if (near.best)
		return policy_fail(err, &word->place, -EINVAL,
				   "unknown key \"%w\", did you mean \"%s\"?", word->text,
				   word->len, near.best);
	return policy_fail(err, &word->place, -EINVAL,
			   "unknown key \"%w\"; lockshim.conf(5) lists the keys", word->text,
			   word->len);
}
