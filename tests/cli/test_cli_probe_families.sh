# SPDX-License-Identifier: MIT
# probe asks fcntl and lockf where nobody says which families, and shows each in its mode.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# line HEAD: of the last output the line that begins so, its spaces made one.
line() {
  sed -n "s/  */ /g; /^$1 /p" "$work/out"
}
is() {
  [ "$(line "$1")" = "$2" ] || fail "expected the line: $2"
}

try "$LOCKSHIM" probe .
expect_status 0
expect_quiet
is CASE 'CASE fcntl lockf'
is shared 'shared granted -'
is exclusive-read-only 'exclusive-read-only EBADF EBADF'
is close-other 'close-other lost lost'
is range-beyond-last 'range-beyond-last EOVERFLOW -'
is signal 'signal EINTR EINTR'
is HELD 'HELD fcntl SH fcntl EX lockf EX
HELD fcntl SH fcntl EX lockf EX'
is 'fcntl EX' 'fcntl EX refused refused refused
fcntl EX granted granted granted'
expect_not_in_out 'flock'
expect_not_in_out 'Policy'
try ls -A
expect_text ''

try "$LOCKSHIM" probe --families ofd,flock .
expect_status 0
is CASE 'CASE flock ofd'
is close-other 'close-other held held'
is upgrade-two 'upgrade-two in turn both wait'
is upgrade-refused 'upgrade-refused SH lost SH kept'
is 'flock EX' 'flock EX refused refused granted granted
flock EX refused refused granted granted'

# A preloaded library is gone past, and said.
if [ -z "${SANITIZER_RUNTIME:-}" ]; then
  try env LD_PRELOAD="$LIBRARY" LOCKSHIM_SET=flock=ofd "$LOCKSHIM" probe --families flock .
  expect_status 0
  expect_err 'lockshim: warning: the library is preloaded into this command'
  is exclusive 'exclusive granted'
  is getlk-holder 'getlk-holder free'
fi
