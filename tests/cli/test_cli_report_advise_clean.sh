# SPDX-License-Identifier: MIT
# Where nothing is to be converted it says so, and prints no rule; filters choose what is spoken of.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

advise <<END
pid=10 prog=db call=fcntl file=/srv/a
pid=10 prog=db id=release call=fcntl held=1 file=/srv/a
pid=10 prog=db id=query call=fcntl file=/srv/a
pid=10 prog=db err=EBADF
END
expect_block <<'END'
# No rule for db: nothing to convert or to cure.
# 0 flocks, 1 record lock and 0 OFD calls on 1 file.
END
expect_not_in_out '[rule'
try "$LOCKSHIM" explain -p advice.conf /etc/passwd
expect_status 0

advise <<END
pid=10 prog=db err=EBADF
END
expect_out '# No lock was asked for: no rule.'

# A trace that was taken under another policy, and one with holes.
advise <<END
pid=10 file=/srv/a used=OFD discarded=12
pid=10 id=release file=/srv/a used=OFD held=1
pid=11 file=/srv/a used=OFD flags=shadow
END
expect_out '# 12 events found no room in the trace: what is said here may lack them.' \
  '# 2 events by calls that a rule had changed. Better a trace under pass.'

# Others tell of a chosen one's file too.
advise --program x <<END
t=1700000000 pid=10 prog=x file=/srv/a
t=+1 pid=11 prog=y call=fcntl file=/srv/a
t=+1 pid=11 prog=y id=release call=fcntl held=1 file=/srv/a
t=+1 pid=10 prog=x id=release held=3 file=/srv/a
t=+1 pid=11 prog=y file=/srv/b
END
expect_out 'program = x' 'flock = pass'
expect_not_in_out 'program = y'
advise --path '/srv/b' --operation query --min-wait 1h <<END
pid=10 prog=x file=/srv/a
pid=11 prog=y file=/srv/b
END
expect_out 'program = y' 'flock = ofd'
expect_not_in_out 'program = x'
