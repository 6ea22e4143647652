# SPDX-License-Identifier: MIT
# An upgrade that lost its shared lock: atomic keeps it, where no two upgrade one file.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

refused_upgrade='flags=converted,lost err=EWOULDBLOCK held=1 file=/srv/a'
advise <<END
t=1700000000 pid=10 op=shared file=/srv/a
pid=11 op=shared file=/srv/a
t=+1 pid=10 $refused_upgrade
pid=11 id=release file=/srv/a
pid=10 op=shared file=/srv/a
pid=10 flags=converted held=1 file=/srv/a
END
expect_block <<'END'
# 1 of 2 upgrades waited or refused, 1 had lost the shared lock: atomic keeps it. No two upgraded one file.
upgrade = atomic
END

advise <<END
t=1700000000 pid=10 op=shared file=/srv/a
pid=11 op=shared file=/srv/a
t=+1 pid=10 $refused_upgrade
t=+1 pid=11 flags=converted waited=0.5 held=1 file=/srv/a
END
expect_block <<'END'
# 2 of 2 upgrades waited or refused, 1 had lost the shared lock, as flock has it. atomic would keep it, and answer EDEADLK where two upgrade.
upgrade = drop
END

# Two descriptions of one process are two as well.
advise <<END
t=1700000000 pid=10 op=shared file=/srv/a
pid=10 op=shared fd=4 file=/srv/a
t=+1 pid=10 $refused_upgrade
t=+1 pid=10 op=exclusive fd=4 flags=converted held=2 file=/srv/a
END
expect_block <<'END'
# 1 of 2 upgrades waited or refused, 1 had lost the shared lock, as flock has it. atomic would keep it, and answer EDEADLK where two upgrade.
upgrade = drop
END

# Nobody in the way of it in the trace: both, with which atomic does not go.
advise <<END
t=1700000000 pid=10 op=shared file=/srv/a
t=+1 pid=10 $refused_upgrade
END
expect_block <<'END'
flock = both
# 1 of 1 upgrade waited or refused, 1 had lost the shared lock, as flock has it.
upgrade = drop
END

# One that was always granted loses nothing.
advise <<END
pid=10 op=shared file=/srv/a
pid=10 flags=converted held=1 file=/srv/a
END
expect_not_in_out 'upgrade ='
