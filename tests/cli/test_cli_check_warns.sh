# SPDX-License-Identifier: MIT
# Warnings name what cannot work here, notes what can be lost; only --strict fails, on warnings.
. "$(dirname "$0")/lib.sh"
point=$(stat -c %m .)

policy good.conf <<END
[rule good]
filesystem = $point
user = root, 12345
flock = ofd
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
expect_err "noted.conf:2: note: [rule name] path" "filesystem covers all names" \
  "noted.conf:4: note: [rule unsafe] flock = succeed takes no lock" \
  "noted.conf:8: note: [rule dry] shadow"

# Where every rule decides alike a second name loses nothing.
printf '[rule name]\npath = /srv/**\nflock = pass\n' | policy same.conf
try "$LOCKSHIM" check same.conf
expect_quiet

# What POSIX locks lose, each by its name, where a rule or the overlay asks for them.
hazards="close fork exec same-process fcntl"
policy posix.conf <<'END'
[rule kept]
user = 1
flock = both
[rule lossy]
user = 2
flock = posix
END
try "$LOCKSHIM" check --strict posix.conf
expect_status 0
for hazard in $hazards; do
  expect_err "posix.conf:6: note: [rule lossy] flock = posix, hazard $hazard: "
done
expect_not_in_err "[rule kept]"
try "$LOCKSHIM" check --strict -o flock=posix posix.conf
expect_status 0
for hazard in $hazards; do
  expect_err "lockshim: -o: note: flock = posix, hazard $hazard: "
done
expect_not_in_err lossy
for family in ofd both pass fail; do
  try "$LOCKSHIM" check -o "flock=$family" posix.conf
  expect_quiet
done

policy both.conf <<'END'
[rule both]
flock = both
upgrade = atomic
END
try "$LOCKSHIM" check both.conf
expect_status 2
expect_err "lockshim: $here/both.conf:3:11: upgrade = atomic can't be kept with flock = both"
