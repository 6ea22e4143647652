# SPDX-License-Identifier: MIT
# flock and record locks on one file: held at once by two processes they stay apart, and that file
# has a rule before the others; never at once, or by one process, they can be one family.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

advise <<END
t=1700000000 pid=10 prog=flock file=/srv/lock
t=+1 pid=11 prog=dpkg call=fcntl start=0 len=1 file=/srv/lock
t=+1 pid=11 prog=dpkg id=release call=fcntl start=0 len=1 held=1 file=/srv/lock
t=+1 pid=10 prog=flock id=release held=3 file=/srv/lock
t=+1 pid=10 prog=flock file=/srv/other
END
expect_block <<'END'
[rule flock-pass]
# 1 process of it.
program = flock
# These alone, before the rule for the others. Hard links are not found so.
path = /srv/lock
# Once flock and a record lock of another process were held at once (/srv/lock): as OFD locks they would wait for each other.
# Where they are meant to keep each other out, make it ofd.
flock = pass

[rule flock-path]
END
expect_block <<'END'
# No rule for dpkg: nothing to convert or to cure.
# 0 flocks, 1 record lock and 0 OFD calls on 1 file.
END
try "$LOCKSHIM" explain -p advice.conf --program "$(command -v flock)" --json /srv/lock
expect_status 0

# Two readers would not keep each other out; nor was there a holder any more.
advise <<END
t=1700000000 pid=10 op=shared file=/srv/lock
t=+1 pid=11 call=fcntl op=shared file=/srv/lock
t=+1 pid=10 id=release held=2 file=/srv/lock
t=+1 pid=11 id=release call=fcntl held=2 file=/srv/lock
t=+1 pid=10 file=/srv/lock
t=+1 pid=10 id=release call=exit held=1 file=/srv/lock
t=+1 pid=11 call=lockf file=/srv/lock
t=+1 pid=11 id=release call=lockf held=1 file=/srv/lock
END
expect_block <<'END'
# On 1 file some processes took flock and others record locks, never at once: they will keep each other out.
flock = ofd
END

advise <<END
t=1700000000 pid=10 file=/srv/lock
t=+1 pid=10 call=fcntl fd=4 file=/srv/lock
t=+1 pid=10 id=release call=fcntl fd=4 held=1 file=/srv/lock
t=+1 pid=10 id=release held=3 file=/srv/lock
END
expect_block <<'END'
# 1 process took flock and record locks on one file: both are granted, and cost some 100 us a call while both are held.
flock = ofd
# 1 record lock, none seen lost by a close: nothing to cure.
fcntl = pass
END

# More files than a line has room for: then none of the program's is converted.
for i in $(seq 20); do
  echo "t=+1 pid=10 prog=x file=/srv/$i"
  echo "pid=11 prog=y call=fcntl file=/srv/$i"
  echo "pid=11 prog=y id=release call=fcntl held=0.1 file=/srv/$i"
  echo "t=+1 pid=10 prog=x id=release held=1 file=/srv/$i"
done >many
advise <<END
$(cat many)
t=+1 pid=10 prog=x file=/srv/other
END
expect_block <<'END'
# 20 times flock and a record lock of another process were held at once (/srv/1): as OFD locks they would wait for each other.
# Where they are meant to keep each other out, make it ofd.
flock = pass
END
expect_not_in_out 'flock = ofd'
