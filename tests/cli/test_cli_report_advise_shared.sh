# SPDX-License-Identifier: MIT
# Two processes with one description, whose OFD locks keep neither out: ofd = posix, unless the
# trace has what a POSIX lock would lose.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

cure='# 2 OFD calls, 1 granted to two processes by one description: posix keeps them apart.
ofd = posix'
advise <<END
pid=10 call=ofd file=/srv/a
pid=11 call=ofd file=/srv/a hazards=shared-description
END
expect_block <<END
$cure
END

# Without the hazard's name: both held it, and for longer than a release may be written late.
advise <<END
t=1700000000 pid=10 call=ofd file=/srv/a flags=inherited
t=+1 pid=11 call=ofd file=/srv/a flags=inherited
t=+1 pid=10 id=release call=ofd flags=inherited held=2 file=/srv/a
END
expect_block <<END
$cure
END

advise <<END
t=1700000000 pid=10 call=ofd file=/srv/a flags=inherited
t=+1 pid=11 call=ofd file=/srv/a flags=inherited
t=+0.0005 pid=10 id=release call=ofd flags=inherited held=1.0005 file=/srv/a
END
expect_block <<'END'
# No rule for prog: nothing to convert or to cure.
# 0 flocks, 0 record locks and 2 OFD calls on 1 file.
END

# What is held by one descriptor while another of the file is locked or closed, POSIX would lose.
advise <<END
pid=10 call=ofd fd=3 file=/srv/a start=0 len=1
pid=10 call=ofd fd=4 file=/srv/a start=5 len=1
pid=11 call=ofd fd=3 file=/srv/a hazards=shared-description
pid=12 prog=other file=/srv/x
pid=10 file=/srv/b
END
expect_block <<'END'
# 3 OFD calls, 1 granted to two processes by one description; 1 lock that posix would lose. Each process has to open the file itself.
ofd = pass
END
