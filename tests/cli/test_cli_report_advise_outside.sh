# SPDX-License-Identifier: MIT
# A flock that waits for nobody in the trace meets programs without the library: both.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

advise <<END
t=1700000000 pid=10 prog=crond file=/srv/free
t=+1 pid=11 prog=crond waited=0.5 file=/srv/taken
t=+1 pid=11 prog=crond id=release held=1 file=/srv/taken
t=+1 pid=11 prog=crond err=EWOULDBLOCK file=/srv/taken
END
expect_block <<'END'
[rule crond-both]
# 2 processes of it.
program = crond
# These alone, before the rule for the others. Hard links are not found so.
path = /srv/taken
# 2 flocks waited or refused and no process of the trace held the lock (/srv/taken): others flock it without the library.
flock = both
END
expect_block <<'END'
# 1 flock on 1 file, none waited or refused: an OFD lock has the same owner and the same life.
flock = ofd
END

# Explained: by a holder that never lets go, by one whose grant was written a little late, by one that
# let go while the other waited, by the process's own second descriptor.
advise <<END
t=1700000000 pid=10 file=/srv/a
t=+1 pid=11 err=EWOULDBLOCK file=/srv/a
t=+1 pid=12 err=EWOULDBLOCK file=/srv/b
t=+0.0001 pid=10 file=/srv/b
t=+1 pid=10 id=release held=1 file=/srv/b
t=+1 pid=10 op=shared file=/srv/c
t=+1 pid=10 id=release held=1 file=/srv/c
t=+0.001 pid=11 waited=0.5 file=/srv/c
t=+1 pid=13 fd=3 file=/srv/d
t=+1 pid=13 fd=4 err=EWOULDBLOCK file=/srv/d
END
expect_not_in_out 'without the library'
expect_block <<'END'
# 8 flocks on 4 files, 4 waited or refused: an OFD lock has the same owner and the same life.
flock = ofd
END

# A shared lock does not refuse a shared one.
advise <<END
t=1700000000 pid=10 op=shared file=/srv/a
t=+1 pid=11 op=shared err=EWOULDBLOCK file=/srv/a
END
expect_block <<'END'
flock = both
END

# Between two of the trace somebody else had it for long; the second in line tells nothing.
advise <<END
t=1700000000 pid=10 file=/srv/a
t=+1 pid=10 id=release held=1 file=/srv/a
t=+1 pid=11 waited=1.5 file=/srv/a
t=+0.01 pid=11 id=release held=0.01 file=/srv/a
t=+0.01 pid=12 waited=1.5 file=/srv/a
END
expect_block <<'END'
# 1 flock waited or refused and no process of the trace held the lock (/srv/a): others flock it without the library.
flock = both
END

# On a busy host a call is written down late.
advise <<END
t=1700000000 pid=10 file=/srv/a
t=+1 pid=10 id=release held=1 file=/srv/a
t=+0.09 pid=11 waited=0.02 file=/srv/a
t=+1 pid=11 id=release held=1 file=/srv/a
t=+0.09 pid=12 err=EWOULDBLOCK file=/srv/a
t=+1 pid=12 err=EWOULDBLOCK file=/srv/b
t=+0.09 pid=10 file=/srv/b
END
expect_block <<'END'
flock = ofd
END
expect_not_in_out 'without the library'

# As trace = contended has it: who held it is not in the trace.
advise <<END
t=1700000000 pid=11 waited=0.5 file=/srv/a
t=+1 pid=11 id=release held=1 file=/srv/a
END
expect_block <<'END'
# No lock was granted without a wait. Under trace = contended holders are missing,
# and both is advised for want of them: better a trace under trace = all.
END

# A release that is written after the next one's grant tells as well that somebody had it.
advise <<END
t=1700000000 pid=10 file=/srv/a
t=+1 pid=11 waited=0.5 file=/srv/a
t=+0.02 pid=10 id=release held=1.02 file=/srv/a
t=+0.01 pid=12 waited=0.5 file=/srv/a
t=+0.02 pid=11 id=release held=0.03 file=/srv/a
END
expect_block <<'END'
flock = ofd
END
expect_not_in_out 'without the library'
