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
