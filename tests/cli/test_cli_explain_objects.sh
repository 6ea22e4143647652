# SPDX-License-Identifier: MIT
# Directories, pipes, sockets, devices and /proc files pass, whatever the rule says; so it is said.
. "$(dirname "$0")/lib.sh"
: >file
mkfifo pipe
printf '[rule all]\nflock = ofd\n' | policy all.conf

becomes() {
  try "$LOCKSHIM" explain -p all.conf --call flock-ex "$1"
  expect_status 0
  grep -q "^flock LOCK_EX  *$2\$" "$work/out" || fail "expected $1 to become: $2"
}

becomes file "OFD write lock, whole file"
becomes . "unchanged: a directory"
becomes pipe "unchanged: a pipe"
becomes /dev/null "unchanged: a device"
becomes /proc/version "unchanged: on proc"
becomes /sys/kernel/mm "unchanged: a directory"
[ ! -e /sys/kernel/uevent_seqnum ] || becomes /sys/kernel/uevent_seqnum "unchanged: on sysfs"

# In every family: what is no file has no record lock, and no keeper.
for family in posix both; do
  for object in . pipe /dev/null /proc/version; do
    try "$LOCKSHIM" explain -p all.conf -o "flock=$family" "$object"
    expect_status 0
    expect_not_in_out "  OFD"
    expect_not_in_out "  POSIX"
    expect_not_in_out keeper
    grep -q "^flock LOCK_UN  *unchanged: " "$work/out" || fail "LOCK_UN is unchanged"
    grep -q "^flock LOCK_EX, opened read-only  *unchanged: " "$work/out" || fail "it is unchanged"
  done
done

# A link is what it leads to; what is not there yet will be a file of its directory.
ln -s file link
becomes link "OFD write lock, whole file"
expect_out "path         $here/file"
becomes new "OFD write lock, whole file"
expect_out "not there" "path         $here/new"
becomes "$here/new" "OFD write lock, whole file"

try "$LOCKSHIM" explain -p all.conf no-such-directory/file file
expect_status 1
expect_err "lockshim: no-such-directory/file: "
expect_out "path         $here/file"
