# SPDX-License-Identifier: MIT
# A library without the keeper's program beside it is named where a rule can ask for a keeper.
. "$(dirname "$0")/lib.sh"
stand_in lib.so
: >empty.conf
printf '[rule x]\nservice = other\nflock = ofd\n' | policy rule.conf

try "$LOCKSHIM" run --library lib.so -p rule.conf true
expect_status 0
expect_err "lockshim: warning: $here/lockshim/lockshim-keeper: no keeper can be started" "EBADF"
[ "$(wc -l <"$work/err")" -eq 1 ] || fail "expected one line"
for set in flock=posix flock=both "flock=ofd; open-mode=keeper"; do
  try "$LOCKSHIM" run --library lib.so -p empty.conf -o "$set" true
  expect_status 0
  expect_err "no keeper can be started"
done

# Where none is asked for, none is missed.
try "$LOCKSHIM" run --library lib.so -p empty.conf true
expect_quiet
try "$LOCKSHIM" run --library lib.so -p rule.conf -o open-mode=fail true
expect_quiet
for set in flock=pass flock=fail "flock=succeed; unsafe=yes" "flock=ofd; shadow=yes"; do
  try "$LOCKSHIM" run --library lib.so -p empty.conf -o "$set" true
  expect_status 0
  expect_quiet
done

# One that may not be executed is none.
mkdir lockshim
: >lockshim/lockshim-keeper
try "$LOCKSHIM" run --library lib.so -p rule.conf true
expect_err "no keeper can be started" "Permission denied"
chmod +x lockshim/lockshim-keeper
try "$LOCKSHIM" run --library lib.so -p rule.conf true
expect_status 0
expect_quiet

# The loader alone knows which directory $LIB is.
# shellcheck disable=SC2016
try "$LOCKSHIM" run --library '/no/such/$LIB/liblockshim.so' -p rule.conf true
expect_not_in_err keeper

# The build's own is where the library looks for it.
[ -z "$SANITIZER_RUNTIME" ] || export LD_PRELOAD="$SANITIZER_RUNTIME:$LIBRARY"
try "$LOCKSHIM" run -p rule.conf true
expect_status 0
expect_quiet
