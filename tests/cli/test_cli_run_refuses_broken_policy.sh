# SPDX-License-Identifier: MIT
# A broken policy, include or overlay is refused with its place, before anything runs.
. "$(dirname "$0")/lib.sh"
stand_in lib.so

refused() {
  try "$LOCKSHIM" run --library lib.so "$@" touch ran
  expect_status 2
  [ ! -e ran ] || fail "the command was run"
}

policy broken.conf <<'END'
# a comment
[rule one]
  flok = ofd
END
refused -p broken.conf
expect_err "lockshim: $here/broken.conf:3:3: " 'did you mean "flock"'

printf 'include = %s/broken.conf\n' "$here" | policy outer.conf
refused -p outer.conf
expect_err "lockshim: $here/broken.conf:3:3: "

LOCKSHIM_POLICY=$here/broken.conf
export LOCKSHIM_POLICY
refused
expect_err "$here/broken.conf:3:3: "
LOCKSHIM_POLICY=relative.conf
refused
expect_err "LOCKSHIM_POLICY=relative.conf: not an absolute path"
LOCKSHIM_POLICY=$here/no-such.conf
refused
expect_err "$here/no-such.conf: "
unset LOCKSHIM_POLICY

refused -p no-such.conf
expect_err "$here/no-such.conf: "

: >open.conf
chmod 666 open.conf
refused -p open.conf
expect_err "$here/open.conf: " "writable by others"

refused -o flock=odf
expect_err "lockshim: -o:1:7: " 'did you mean "ofd"'
refused -o flock=succeed
expect_err "lockshim: -o:1:7: " "unsafe"
refused -o path=/x
expect_err "lockshim: -o:1:1: "
LOCKSHIM_SET='flock=ofd; flock=pass'
export LOCKSHIM_SET
refused
expect_err "lockshim: LOCKSHIM_SET:1:12: "
