# SPDX-License-Identifier: MIT
# LOCK_EX through a read-only descriptor needs a keeper; whoever has none of it is told of none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

advise <<END
t=1700000000 pid=10 prog=maild file=$here/a dev=$mount_device flags=read-only
t=+1 pid=10 prog=maild id=release held=1 file=$here/a dev=$mount_device
t=+1 pid=10 prog=maild op=shared flags=read-only file=$here/a dev=$mount_device
t=+1 pid=11 prog=maild fd=4 file=$here/b dev=$mount_device
t=+0.5 pid=11 prog=maild fd=5 err=EBADF file=$here/b dev=$mount_device
END
expect_block <<END
# For the programs of the trace trace, by lockshim report --advise.
# 3.5 s from 2023-11-14 22:13:20 UTC, 2 processes, 5 events.
# Not seen, so nothing is said of it: flocks that wait, upgrades, flocks that children share, record locks, OFD calls.
END
expect_block <<END
# 2 processes of it.
program = maild
# Under all names of a file. Seen: 2 files, one is $here/a.
filesystem = $mount_point
# 3 flocks on 2 files, none waited or refused: an OFD lock has the same owner and the same life.
flock = ofd
# 1 of 2 exclusive flocks through read-only descriptors: a keeper holds those, for some 150 us a lock. It needs the right to write the file.
open-mode = keeper
END
try "$LOCKSHIM" explain -p advice.conf --program maild "$here"
expect_out "maild-"

advise <<END
pid=10 op=shared flags=read-only file=/a
pid=10 file=/a fd=4
END
expect_not_in_out open-mode
