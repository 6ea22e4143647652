# SPDX-License-Identifier: MIT
# Warnings name what cannot work here, notes what can be lost; only --strict fails, on warnings.
. "$(dirname "$0")/lib.sh"
point=$(stat -c %m .)

policy good.conf <<END
[rule good]
filesystem = $point
user = root, 12345
flock = fail
END
try "$LOCKSHIM" check --strict good.conf
expect_status 0
expect_quiet

policy warned.conf <<END
[rule lost]
filesystem = $here, $point
flock = ofd
[rule who]
user = no-such-user, root
flock = ofd
END
try "$LOCKSHIM" check warned.conf
expect_status 0
expect_out "ok, 2 rules"
expect_err "lockshim: $here/warned.conf:2: warning: [rule lost] $here is no mount point" \
  "mounted at $point" \
  "lockshim: $here/warned.conf:5: warning: [rule who] user no-such-user"
expect_not_in_err "user root"
try "$LOCKSHIM" check --strict warned.conf
expect_status 1

policy noted.conf <<'END'
[rule name]
path = /srv/**
flock = ofd
[rule unsafe]
program = x
flock = succeed
unsafe = yes
[rule dry]
program = y
flock = ofd
shadow = yes
END
try "$LOCKSHIM" check --strict noted.conf
expect_status 0
expect_err "noted.conf:2: note: [rule name] hazard two-names: path" "filesystem covers all names" \
  "noted.conf:6: note: [rule unsafe] flock = succeed takes no lock" \
  "noted.conf:8: note: [rule dry] shadow"

# Where every rule decides alike a second name loses nothing.
printf '[rule name]\npath = /srv/**\nflock = pass\n' | policy same.conf
try "$LOCKSHIM" check same.conf
expect_quiet

# Nor does what is the process's, or recorded, decide a file otherwise.
printf '[rule a]\npath = /srv/**\nstate-dir = /run/a\ntrace = all\nlog-to = syslog\n[rule b]
state-dir = /run/b\nlog = errors\ntrace-size = 1M\n' | policy state.conf
try "$LOCKSHIM" check state.conf
expect_quiet

# To say where is not to ask for it.
printf '[rule a]\nlog-to = syslog\ntrace-size = 1M\n' | policy unrecorded.conf
try "$LOCKSHIM" check --strict unrecorded.conf
expect_status 0
expect_err "unrecorded.conf:2: note: [rule a] log-to alone records nothing; log = all does" \
  "unrecorded.conf:3: note: [rule a] trace-size alone records nothing; trace = all does"
try "$LOCKSHIM" check -o 'log=errors; trace=contended' unrecorded.conf
expect_quiet
LOCKSHIM_LOG=stderr try "$LOCKSHIM" check unrecorded.conf
expect_not_in_err "log-to alone"

# What POSIX locks lose, each by its name, where a rule or the overlay asks for them.
hazards="close fork exec same-process fcntl"
policy posix.conf <<'END'
[rule kept]
user = 1
flock = fail
[rule lossy]
user = 2
flock = posix
[rule calls]
user = 3
ofd = posix
[rule again]
user = 4
flock = posix
END
try "$LOCKSHIM" check --strict posix.conf
expect_status 0
for hazard in $hazards; do
  expect_err "posix.conf:6: note: [rule lossy] flock = posix, hazard $hazard: " \
    "posix.conf:9: note: [rule calls] ofd = posix, hazard $hazard: " \
    "posix.conf:12: note: [rule again] flock = posix, hazard $hazard: "
done
expect_not_in_err "[rule kept]"
for action in flock ofd; do
  try "$LOCKSHIM" check --strict -o "$action=posix" posix.conf
  expect_status 0
  for hazard in $hazards; do
    expect_err "lockshim: -o: note: $action = posix, hazard $hazard: "
  done
  expect_not_in_err "] $action = posix"
done
for family in flock fcntl ofd; do
  for value in pass fail; do
    try "$LOCKSHIM" check -o "flock=pass; ofd=pass" -o "$family=$value" posix.conf
    expect_quiet
  done
  try "$LOCKSHIM" check -o "flock=pass; ofd=pass; unsafe=yes" -o "$family=succeed" posix.conf
  expect_err "lockshim: -o: note: $family = succeed takes no lock"
  [ "$(wc -l <"$work/err")" -eq 1 ] || fail "expected one line"
done

# What is as safe and not the same is said once.
policy changed.conf <<'END'
[rule one]
user = 1
flock = ofd
fcntl = ofd
[rule two]
user = 2
fcntl = ofd
flock = both
[rule three]
flock = ofd
fcntl = ofd
END
try "$LOCKSHIM" check --strict changed.conf
expect_status 0
for place in "3: note: [rule one] flock = ofd" "8: note: [rule two] flock = both"; do
  expect_err "changed.conf:$place, hazard families-meet: " "changed.conf:$place, change mixed: "
done
for change in close fork getlk; do
  expect_err "changed.conf:4: note: [rule one] fcntl = ofd, change $change: "
done
for place in "4: note: [rule one]" "7: note: [rule two]" "11: note: [rule three]"; do
  expect_err "changed.conf:$place fcntl = ofd, hazard shared-description: "
done
[ "$(wc -l <"$work/err")" -eq 10 ] || fail "expected ten lines"

policy both.conf <<'END'
[rule both]
flock = both
upgrade = atomic
END
try "$LOCKSHIM" check both.conf
expect_status 2
expect_err "lockshim: $here/both.conf:3:11: upgrade = atomic can't be kept with flock = both"
