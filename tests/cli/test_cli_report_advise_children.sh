# SPDX-License-Identifier: MIT
# Locks that children have, and let go of: an OFD lock is theirs as flock's is, a POSIX lock is not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

advise <<END
t=1700000000 pid=10 prog=sh file=/srv/a flags=inherited
pid=10 prog=sh file=/srv/b fd=4
t=+1 pid=11 prog=sh id=release flags=inherited file=/srv/a
END
expect_block <<'END'
# 1 of 2 flocks by a description that another process may have: it has the OFD lock too. posix would lose it.
# 1 unlock by a process that had not taken it: so does an OFD lock let go. posix would not.
flock = ofd
END

# Who lets go of its own lock, or of none.
advise <<END
pid=10 prog=sh file=/srv/a
pid=10 prog=sh id=release flags=inherited held=1 file=/srv/a
pid=11 prog=sh id=release file=/srv/a
END
expect_not_in_out posix

# flock(1) takes it for its shell and ends: the shell has it on, and others wait for that.
advise <<END
t=1700000000 pid=10 prog=flock flags=inherited file=/srv/a
t=+0.001 pid=10 prog=flock id=release call=exit asked=flock used=flock flags=inherited held=0.001 file=/srv/a
t=+1 pid=11 prog=flock flags=inherited err=EWOULDBLOCK file=/srv/a
t=+1 pid=12 prog=flock flags=inherited,waited waited=1.5 file=/srv/a
END
expect_block <<'END'
# 3 flocks on 1 file, 2 waited or refused: an OFD lock has the same owner and the same life.
# 3 of 3 flocks by a description that another process may have: it has the OFD lock too. posix would lose it.
flock = ofd
END

# Until somebody takes it anew, or lets go.
advise <<END
t=1700000000 pid=10 prog=flock flags=inherited file=/srv/a
t=+0.001 pid=10 prog=flock id=release call=exit asked=flock used=flock flags=inherited held=0.001 file=/srv/a
t=+1 pid=11 prog=sh id=release flags=inherited file=/srv/a
t=+1 pid=12 prog=flock err=EWOULDBLOCK file=/srv/a
END
expect_block <<'END'
flock = both
END
