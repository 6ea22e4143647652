/* SPDX-License-Identifier: MIT
 * The hazards' names, words and cures, and saying them. */
#include "shim/hazard.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "policy/sys.h"
#include "shim/at_load.h"
#include "shim/heir.h"
#include "shim/note.h"
#include "shim/say.h"
#include "shim/start.h"
#include "shim/watch.h"

#define NOT_POSIX "flock = ofd and ofd = pass don't lose it"

const struct hazard_kind hazard_kinds[HAZARD_COUNT] = {
	[HAZARD_CLOSE] = { "close",
			   "a lock that a rule made POSIX is dropped, since another descriptor of "
			   "the file is closed",
			   NOT_POSIX },
	[HAZARD_FORK] = { "fork", "a lock that a rule made POSIX is one process's alone",
			  NOT_POSIX },
	[HAZARD_EXEC] = { "exec",
			  "a lock that a rule made POSIX ends with this process, though it was "
			  "taken through a descriptor that its parent has too",
			  NOT_POSIX },
	[HAZARD_SAME_PROCESS] = { "same-process",
				  "a second open of the file is granted a lock that a rule made "
				  "POSIX beside the first one's",
				  NOT_POSIX },
	[HAZARD_FCNTL] = { "fcntl",
			   "the program's own fcntl lock and one that a rule made POSIX are one "
			   "lock",
			   NOT_POSIX },
	[HAZARD_SHARED_DESCRIPTION] = { "shared-description",
					"an OFD lock is granted that another process holds through "
					"the same open file description",
					"ofd = posix excludes them, and so does an open in each" },
	[HAZARD_FAMILIES_MEET] = { "families-meet", "flock and fcntl exclude each other here",
				   "flock = pass where the two should not" },
	[HAZARD_TWO_NAMES] = { "two-names",
			       "by another of the file's names the rules could decide otherwise",
			       "filesystem decides for all names, path for one" },
	[HAZARD_STANDIN_LOST] = { "standin-lost", "a stand-in could not follow",
				  "open-mode = keeper" },
	[HAZARD_KEEPER_LOST] = { "keeper-lost", "a keeper was killed, and its lock is gone",
				 "leave lockshim-keeper alone; open-mode = reopen has none" },
	[HAZARD_POLICY_DIFFERS] = { "policy-differs",
				    "another process locks the file under another policy",
				    "restart all users of the file" },
	[HAZARD_DEADLOCK] = { "deadlock", "processes wait for each other, EDEADLK here",
			      "let go of what is held, and begin anew" },
	[HAZARD_FLUSH_FAILED] = { "flush-failed",
				  "what was written under a lock could not be flushed before it "
				  "was let go",
				  "flush-error = report tells the program" },
};

bool hazards_shown;

/* Notes are started where a rule converts; descriptions that others have count in any case. */
AT_LOAD bool hazard_start(void)
{
	static bool begun;
	const struct shim_state *state = shim_state();

	if (!say_debugging() && !__atomic_load_n(&watch_is_wanted, __ATOMIC_RELAXED))
		return false;
	if (__atomic_test_and_set(&begun, __ATOMIC_ACQ_REL))
		return true;
	if (!state->active && !state->asks_records)
		note_start();
	heir_start(false);
	__atomic_store_n(&hazards_shown, true, __ATOMIC_RELEASE);
	return true;
}

__attribute__((constructor)) AT_LOAD static void show_from_load(void)
{
	(void)hazard_start();
}

static void met(enum hazard hazard, const struct stat *file, const char *detail, int pid)
{
	const struct hazard_kind *kind = &hazard_kinds[hazard];
	char device[24], inode[24], process[24];

	if (!hazard_shown() || !say_first_time(ASIDE_COUNT + hazard, file->st_dev, file->st_ino))
		return;
	watch_hazard(hazard, (uint64_t)major(file->st_dev) << 32 | (uint64_t)minor(file->st_dev),
		     file->st_ino, pid);
	say("device ", say_number(device, file->st_dev), " inode ", say_number(inode, file->st_ino),
	    ": hazard ", kind->name, ": ", kind->what, detail ? ": " : "", detail ? detail : "",
	    pid > 0 ? " " : "", pid > 0 ? say_number(process, (uint64_t)pid) : "", "; ", kind->cure,
	    NULL);
}

void hazard_met(enum hazard hazard, uint64_t device, uint64_t inode, const char *detail)
{
	const struct stat file = { .st_dev = device, .st_ino = inode };

	met(hazard, &file, detail, 0);
}

void hazard_met_at(enum hazard hazard, int fd, const char *detail, int pid)
{
	struct stat file;

	if (hazard_shown() && !sys_fstat(fd, &file))
		met(hazard, &file, detail, pid);
}

void hazard_met_on(enum hazard hazard, uint64_t device, uint64_t inode, const char *detail, int pid)
{
	const struct stat file = { .st_dev = makedev((unsigned)(device >> 32), (unsigned)device),
				   .st_ino = inode };

	met(hazard, &file, detail, pid);
}
