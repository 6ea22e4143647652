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
becomes "flock LOCK_EX over LOCK_SH" \
  "OFD write lock, whole file; where refused, the shared lock is let go first"
becomes "flock LOCK_EX, opened read-only" \
  "OFD write lock, whole file, held by a keeper; EBADF where there can be none"
becomes "flock LOCK_SH, opened write-only" \
  "OFD read lock, whole file, held by a keeper; EBADF where there can be none"
becomes "fcntl F_SETLK, F_SETLKW" unchanged
becomes lockf unchanged
becomes "fcntl F_OFD_SETLK, F_OFD_SETLKW" unchanged
becomes "fcntl F_GETLK" unchanged
becomes "fcntl F_OFD_GETLK" unchanged
grep -q "^flock  *ofd  *-o" "$work/out" || fail "the overlay has the action"
expect_out "overlay      flock=ofd"

explain -o flock=posix
becomes "flock LOCK_SH" "POSIX read lock, whole file"
becomes "flock LOCK_EX" "POSIX write lock, whole file"
becomes "flock LOCK_UN" "POSIX unlock; of a lock that came from elsewhere, flock LOCK_UN too"
becomes "flock LOCK_EX over LOCK_SH" \
  "POSIX write lock, whole file; where refused, the shared lock is let go first"
becomes "flock LOCK_EX, opened read-only" "OFD write lock, whole file, held by a keeper; .*"
becomes "flock LOCK_SH, opened write-only" "OFD read lock, whole file, held by a keeper; .*"
becomes "fcntl F_SETLK, F_SETLKW" unchanged

explain -o flock=both
becomes "flock LOCK_SH" "flock LOCK_SH, then OFD read lock, whole file"
becomes "flock LOCK_EX" "flock LOCK_EX, then OFD write lock, whole file"
becomes "flock LOCK_UN" "OFD unlock, then flock LOCK_UN"
becomes "flock LOCK_EX over LOCK_SH" "flock LOCK_EX, then OFD write lock, whole file; where refused, .*"
becomes "flock LOCK_EX, opened read-only" \
  "flock LOCK_EX, then OFD write lock, whole file, held by a keeper; .*"
becomes "flock LOCK_SH, opened write-only" \
  "flock LOCK_SH, then OFD read lock, whole file, held by a keeper; .*"

# The second action's words are for record locks alone.
for family in ofd posix; do
  explain -o "flock=$family; upgrade=atomic; open-mode=fail"
  becomes "flock LOCK_EX over LOCK_SH" \
    ".* write lock, whole file; the shared lock is kept until it is granted, EDEADLK in a cycle"
  becomes "flock LOCK_EX, opened read-only" "EBADF (open-mode = fail)"
  becomes "flock LOCK_SH, opened write-only" "EBADF (open-mode = fail)"
done
explain -o "flock=pass; upgrade=atomic; open-mode=fail"
becomes "flock LOCK_EX over LOCK_SH" unchanged
becomes "flock LOCK_EX, opened read-only" unchanged
explain -o "flock=fail; upgrade=atomic; open-mode=fail"
becomes "flock LOCK_EX over LOCK_SH" ENOLCK
becomes "flock LOCK_EX, opened read-only" ENOLCK

# fcntl and lockf, OFD locks.
explain -o "fcntl=ofd; ofd=posix"
becomes "flock LOCK_EX" unchanged
for call in "fcntl F_SETLK, F_SETLKW" lockf; do
  becomes "$call" "OFD lock, the same range; POSIX where another process may have the description"
done
becomes "fcntl F_GETLK" "F_OFD_GETLK; the process's own locks don't show"
becomes "fcntl F_OFD_SETLK, F_OFD_SETLKW" "POSIX lock, the same range"
becomes "fcntl F_OFD_GETLK" F_GETLK
grep -q "^fcntl  *ofd  *-o" "$work/out" || fail "the overlay has fcntl"
explain -o "fcntl=fail; ofd=fail; fail-errno=EIO"
for call in "fcntl F_SETLK, F_SETLKW" lockf "fcntl F_OFD_SETLK, F_OFD_SETLKW"; do
  becomes "$call" EIO
done
explain -o "fcntl=succeed; ofd=succeed; unsafe=yes"
for call in "fcntl F_SETLK, F_SETLKW" lockf "fcntl F_OFD_SETLK, F_OFD_SETLKW"; do
  becomes "$call" "success, and no lock is taken"
done
explain -o "fcntl=ofd; shadow=yes"
becomes lockf "unchanged (shadow); else OFD lock, .*"
becomes "fcntl F_OFD_SETLK, F_OFD_SETLKW" unchanged

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

# What is done around a call goes with every family, and with what passes.
explain -o on-unlock=flush-data
becomes "flock LOCK_UN" "unchanged; fdatasync first"
becomes "flock LOCK_EX" unchanged
becomes "flock LOCK_SH" "unchanged; fdatasync first, over LOCK_EX"
becomes "fcntl F_SETLK, F_SETLKW" "unchanged; fdatasync before F_UNLCK, and F_RDLCK over F_WRLCK"
becomes lockf "unchanged; fdatasync before F_ULOCK"
becomes "fcntl F_GETLK" unchanged
explain -o "on-unlock=flush;on-lock=revalidate;flock=ofd;upgrade=atomic"
becomes "flock LOCK_UN" "OFD unlock; of a lock that came from elsewhere, flock LOCK_UN too; fsync first"
becomes "flock LOCK_EX" "OFD write lock, whole file; the file is read anew after it"
becomes "flock LOCK_EX over LOCK_SH" \
  "OFD write lock, whole file; the shared lock is kept .* cycle; the file is read anew after it"
explain -o "on-unlock=flush;shadow=yes"
becomes "flock LOCK_UN" unchanged
try "$LOCKSHIM" explain -p empty.conf -o on-unlock=flush /
expect_status 0
expect_not_in_out fsync

# A lock that came from another program may be in any family that a rule chooses for one.
unlock() {
  printf '%b' "$1" | policy other.conf
  try "$LOCKSHIM" explain -p other.conf --call flock-un file
  expect_status 0
  becomes "flock LOCK_UN" "$2"
}
elsewhere="of a lock that came from elsewhere,"
unlock '[rule other]\nprogram = other\nflock = ofd\n' "unchanged; $elsewhere OFD unlock too"
unlock '[rule other]\nprogram = other\nflock = posix\n' "unchanged; $elsewhere POSIX unlock too"
unlock '[rule other]\nprogram = other\nflock = both\n' "unchanged; $elsewhere OFD unlock too"
unlock '[rule other]\nprogram = other\nflock = posix\nshadow = yes\n' unchanged
unlock '[rule other]\nprogram = other\nflock = posix\n[rule all]\nflock = ofd\n' \
  "OFD unlock; $elsewhere POSIX unlock, flock LOCK_UN too"
unlock '[rule other]\nprogram = other\nflock = both\n[rule all]\nflock = posix\n' \
  "POSIX unlock; $elsewhere OFD unlock, flock LOCK_UN too"
unlock '[rule other]\nprogram = other\nflock = posix\n[rule all]\nflock = both\n' \
  "OFD unlock, then flock LOCK_UN; $elsewhere POSIX unlock too"
unlock '[rule other]\nprogram = other\nflock = ofd\n[rule one]\nprogram = one\nflock = posix\n' \
  "unchanged; $elsewhere OFD unlock, POSIX unlock too"

LOCKSHIM_SET=flock=fail
export LOCKSHIM_SET
explain --call flock-ex --call lockf
becomes "flock LOCK_EX" ENOLCK
becomes lockf unchanged
expect_not_in_out LOCK_SH
grep -q "^flock  *fail  *LOCKSHIM_SET" "$work/out" || fail "LOCKSHIM_SET has the action"
for call in flock-sh flock-ex flock-un flock-upgrade flock-ex-read-only flock-sh-write-only \
  fcntl fcntl-get lockf ofd ofd-get; do
  explain --call "$call"
done
