# SPDX-License-Identifier: MIT
# Record locks that went with another descriptor's close: fcntl = ofd, but not beside flock.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

cure='# 1 record lock, 1 lost: another descriptor of the file was closed. An OFD lock stays.
fcntl = ofd'
# By the number that was closed, by the unlock that finds nothing, by the hazard's name.
advise <<END
pid=10 call=fcntl fd=3 file=/srv/a
pid=10 id=release call=close asked=POSIX used=POSIX fd=4 held=1 file=/srv/a
pid=10 id=release call=fcntl fd=3 file=/srv/a
END
expect_block <<END
$cure
END
expect_not_in_out "flock = ofd"

advise <<END
pid=10 call=fcntl fd=3 file=/srv/a
pid=10 id=release call=close asked=POSIX used=POSIX fd=3 held=1 file=/srv/a
pid=10 id=release call=fcntl fd=3 file=/srv/a
END
expect_block <<END
$cure
END

advise <<END
pid=10 call=lockf fd=3 file=/srv/a
pid=10 id=release call=close asked=POSIX used=POSIX fd=4 held=1 hazards=close file=/srv/a
pid=10 id=release call=lockf fd=3 file=/srv/a
END
expect_block <<END
$cure
END

# Its own descriptor was closed; what it had let go of by itself; one of another process.
advise <<END
pid=10 call=fcntl fd=3 file=/srv/a
pid=10 id=release call=close asked=POSIX used=POSIX fd=3 held=1 file=/srv/a
pid=10 call=fcntl fd=3 file=/srv/a
pid=10 id=release call=fcntl fd=3 held=1 file=/srv/a
pid=10 id=release call=fcntl fd=3 file=/srv/a
pid=11 id=release call=fcntl fd=3 file=/srv/a
END
expect_block <<'END'
# No rule for prog: nothing to convert or to cure.
# 0 flocks, 2 record locks and 0 OFD calls on 1 file.
END

advise <<END
pid=10 call=fcntl fd=3 file=/srv/a flags=inherited
pid=10 id=release call=close asked=POSIX used=POSIX fd=4 held=1 file=/srv/a
END
expect_block <<'END'
# 1 record lock, 1 lost: another descriptor of the file was closed. An OFD lock stays.
# 1 by a description that another process may have: known ones stay POSIX locks.
fcntl = ofd
END

advise <<END
pid=10 file=/srv/a
pid=10 call=fcntl fd=3 file=/srv/a
pid=10 id=release call=close asked=POSIX used=POSIX fd=4 held=1 file=/srv/a
END
expect_block <<'END'
# 1 record lock, 1 lost by a close: ofd would keep them, but not beside flock in one process.
fcntl = pass
END
