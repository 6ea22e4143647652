# SPDX-License-Identifier: MIT
# What doctor says of a file system follows its type and its mount options, by lines of mountinfo that
# few machines have.
. "$(dirname "$0")/lib.sh"
cat >ask.c <<'END'
#include "cli/doctor_families.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	const struct cli_families *families;
	const char *line = argv[1];
	struct policy_mount mount;

	if (argc != 2 || !policy_mount_next(&line, line + strlen(line), &mount))
		return 1;
	families = cli_families_of(&mount);
	printf("%d|%s|%s|%d|%s|%s\n", (int)families->meets, families->flock, families->record,
	       families->flock_stays, families->trouble ? families->trouble : "-",
	       cli_families_options(&mount));
	return 0;
}
END
"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -I"$SOURCE" -o ask ask.c "$SOURCE/cli/doctor_families.c" \
  "$SOURCE/cli/memory.c" "$SOURCE/policy/mounts.c" "$SOURCE/policy/glob.c" || fail "ask.c"

of() { # FSTYPE OPTIONS
  try ./ask "36 35 0:50 / /mnt rw,relatime shared:1 - $1 server:/x $2"
  expect_status 0
}
clients='the server'"'"'s clients, and record locks on the server'

of ext4 rw
expect_text "0|this host alone|this host alone|0|-|none that matter to locks"
of nfs4 rw,vers=4.2,hard,local_lock=none
expect_text "1|$clients|$clients|0|-|local_lock=none,vers=4.2"
of nfs rw,vers=3,hard,local_lock=flock
expect_text "0|this host alone|$clients|1|-|local_lock=flock,vers=3"
of nfs rw,vers=3,nolock,local_lock=all
expect_out "0|this host alone|this host alone|0|mounted with nolock:"
of nfs rw,local_lock=posix
expect_out "2|$clients|this host alone|0|mounted with local_lock=posix"
of cifs rw,nobrl
expect_out "0|this host alone|this host alone|0|mounted with nobrl"
of cifs rw
expect_out "1|the server's clients|the server's clients|0|-|none"
of lustre rw,flock
expect_out "2|all clients|all clients|0|-|flock"
of lustre rw
expect_out "every lock call is answered ENOSYS"
of lustre rw,localflock
expect_out "mounted with localflock"
of fuse.sshfs rw
expect_out "2|as its server has it|"
