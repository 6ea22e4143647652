# SPDX-License-Identifier: MIT
# Wrong usage is 2, says where help is, and runs nothing.
. "$(dirname "$0")/lib.sh"

wrong() {
  try "$LOCKSHIM" "$@"
  expect_status 2
  expect_err "lockshim: " "Try 'lockshim"
  [ ! -s "$work/out" ] || fail "expected nothing on standard output"
}

wrong
wrong no-such-command
wrong --no-such-option
wrong run
wrong run --no-such-option true
wrong run -p
wrong run --strict true
wrong check --json
wrong check --keys policy.conf
wrong check -p one.conf two.conf
wrong explain
wrong trace one two
wrong trace --strict one
wrong version now

try "$LOCKSHIM" explain --call no-such-call .
expect_status 2
expect_err "no-such-call" "flock-ex"
try "$LOCKSHIM" explain --user no-such-user .
expect_status 2
expect_err "no-such-user: no such user"

if [ -w /dev/full ]; then
  "$LOCKSHIM" check --keys >/dev/full 2>"$work/err"
  status=$?
  expect_status 1
  expect_err "write error"
fi
