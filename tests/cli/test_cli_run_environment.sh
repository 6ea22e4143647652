# SPDX-License-Identifier: MIT
# -p, -s and -o reach the command as variables; without them the variables stay as they were.
. "$(dirname "$0")/lib.sh"
stand_in lib.so
: >policy.conf

# The command's variables of ours, sorted.
seen() {
  try "$LOCKSHIM" run --library lib.so "$@" -- env
  expect_status 0
  grep '^LOCKSHIM_' "$work/out" | sort >"$work/seen"
  mv "$work/seen" "$work/out"
}

seen
expect_text ""

seen -p policy.conf -s mail -o flock=ofd -o 'shadow = yes'
expect_text "LOCKSHIM_POLICY=$here/policy.conf
LOCKSHIM_SERVICE=mail
LOCKSHIM_SET=flock=ofd; shadow = yes"

seen --policy ./policy.conf --set 'flock=fail;fail-errno=EIO'
expect_text "LOCKSHIM_POLICY=$here/policy.conf
LOCKSHIM_SET=flock=fail; fail-errno=EIO"

# A key that is set again replaces the earlier one, and only that.
LOCKSHIM_SET='flock=fail; fail-errno=EIO'
export LOCKSHIM_SET
seen
expect_text "LOCKSHIM_SET=$LOCKSHIM_SET"
seen -o flock=ofd
expect_text "LOCKSHIM_SET=fail-errno=EIO; flock=ofd"
seen -o flock=ofd -o 'flock = pass'
expect_text "LOCKSHIM_SET=fail-errno=EIO; flock = pass"
unset LOCKSHIM_SET

export LOCKSHIM_POLICY="$here/policy.conf" LOCKSHIM_SERVICE=web
seen
expect_text "LOCKSHIM_POLICY=$here/policy.conf
LOCKSHIM_SERVICE=web"

# From / on no slash is doubled.
unset LOCKSHIM_POLICY LOCKSHIM_SERVICE
cd / || exit 1
try "$LOCKSHIM" run --library "$here/lib.so" -p "${here#/}/policy.conf" printenv LOCKSHIM_POLICY
expect_text "$here/policy.conf"
