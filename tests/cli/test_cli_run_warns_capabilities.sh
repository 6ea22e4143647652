# SPDX-License-Identifier: MIT
# A program with file capabilities is named where this user is not root.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "needs root to make one"
command -v setcap >/dev/null || skip "no setcap"
command -v setpriv >/dev/null || skip "no setpriv"
stand_in lib.so
chmod 755 "$work"
cp /bin/true granted
setcap cap_net_raw+ep granted 2>/dev/null || skip "no file capabilities here"

as_nobody() {
  setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

as_nobody "$LOCKSHIM" --version >/dev/null 2>&1 || skip "the build is not open to others"
try as_nobody "$LOCKSHIM" run --library "$here/lib.so" ./granted
expect_err "lockshim: warning: ./granted: has file capabilities"
try "$LOCKSHIM" run --library lib.so ./granted
expect_not_in_err "capabilities"
