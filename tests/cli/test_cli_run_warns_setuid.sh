# SPDX-License-Identifier: MIT
# A setuid or setgid program is named where running it changes this user's rights.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "needs root to make one"
stand_in lib.so

grant() {
  rm -f granted
  cp /bin/true granted
  chown "$1" granted
  chmod "$2" granted
  try "$LOCKSHIM" run --library lib.so ./granted
}

point=$(stat -c %m .)
if awk -v point="$point" '$5 == point' /proc/self/mountinfo | grep -q nosuid; then
  skip "mounted nosuid"
fi
grant nobody u+s
expect_err "lockshim: warning: ./granted: setuid or setgid"
grant 0:12345 g+s
expect_err "lockshim: warning: ./granted: setuid or setgid"

# Nothing changes for root in a program of root's: the loader preloads.
grant 0:0 ug+s
expect_quiet
grant nobody a+x
expect_quiet
