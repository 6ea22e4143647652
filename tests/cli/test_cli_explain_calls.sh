# SPDX-License-Identifier: MIT
# What every call becomes under every action, and where the actions come from.
. "$(dirname "$0")/lib.sh"
: >file
: >empty.conf

explain() {
  try "$LOCKSHIM" explain -p empty.conf "$@" file
  expect_status 0
  expect_quiet
}

becomes() {
  grep -q "^$1  *$2\$" "$work/out" || fail "expected $1 to become: $2"
}

explain -o flock=ofd
becomes "flock LOCK_SH" "OFD read lock, whole file"
becomes "flock LOCK_EX" "OFD write lock, whole file"
becomes "flock LOCK_UN" "OFD unlock; of a lock that came from elsewhere, flock LOCK_UN too"
becomes "flock LOCK_EX over LOCK_SH" "OFD write lock; where refused, .*"
becomes "flock LOCK_EX, opened read-only" "EBADF (open-mode = fail)"
becomes "flock LOCK_SH, opened write-only" "EBADF (open-mode = fail)"
becomes "fcntl F_SETLK, F_SETLKW" unchanged
becomes lockf unchanged
becomes "fcntl F_OFD_SETLK, F_OFD_SETLKW" unchanged
grep -q "^flock  *ofd  *-o" "$work/out" || fail "the overlay has the action"
expect_out "overlay      flock=ofd"

explain -o flock=fail
becomes "flock LOCK_EX" ENOLCK
becomes "flock LOCK_UN" unchanged
explain -o flock=fail -o fail-errno=EIO
becomes "flock LOCK_EX, opened read-only" EIO
explain -o flock=succeed -o unsafe=yes
becomes "flock LOCK_EX" "success, and no lock is taken"
becomes "flock LOCK_UN" unchanged
explain
becomes "flock LOCK_EX" unchanged
explain -o flock=ofd -o shadow=yes
becomes "flock LOCK_EX" "unchanged (shadow); else OFD write lock, whole file"

# A lock that came from another program may be an OFD lock.
printf '[rule other]\nprogram = other\nflock = ofd\n' | policy other.conf
try "$LOCKSHIM" explain -p other.conf file
becomes "flock LOCK_EX" unchanged
becomes "flock LOCK_UN" "unchanged; of a lock that came from elsewhere, OFD unlock too"

LOCKSHIM_SET=flock=fail
export LOCKSHIM_SET
explain --call flock-ex --call lockf
becomes "flock LOCK_EX" ENOLCK
becomes lockf unchanged
expect_not_in_out LOCK_SH
grep -q "^flock  *fail  *LOCKSHIM_SET" "$work/out" || fail "LOCKSHIM_SET has the action"
for call in flock-sh flock-ex flock-un flock-upgrade flock-ex-read-only flock-sh-write-only \
  fcntl lockf ofd; do
  explain --call "$call"
done
