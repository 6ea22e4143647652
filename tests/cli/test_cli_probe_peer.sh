# SPDX-License-Identifier: MIT
# Two probes that meet in a directory find what one finds alone.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# A process of that probe has the file of a case open.
acts() {
  for actor in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    readlink "/proc/$actor/fd/"* 2>/dev/null | grep -q 'lockshim-probe-two/file-' && return
  done
  return 1
}

mkdir shared
"$LOCKSHIM" probe --peer two --families flock,fcntl,ofd --timeout 10s shared >"$work/first" 2>"$work/first.err" &
first=$!
until [ -d shared/lockshim-probe-two ]; do
  kill -0 "$first" 2>/dev/null || fail 'the first has ended'
done
"$LOCKSHIM" probe --peer two shared >"$work/out" 2>"$work/err" &
second=$!
until acts "$second"; do
  kill -0 "$second" 2>/dev/null || fail 'the second took no part'
done
wait "$second"
status=$?
expect_status 0
expect_text ''
wait "$first" || fail "the first exited with $?"
[ "$(cat "$work/first.err")" = 'lockshim: waiting for the other side' ] ||
  fail "the first said: $(cat "$work/first.err")"
try ls -A shared
expect_text ''

# What hangs on who comes first, and how long it took, may differ.
cells() {
  sed 's/  */ /g; /^order /d; /^relock /d; s/, [0-9.]* m\{0,1\}s//g; 1d' "$1"
}
try "$LOCKSHIM" probe --families flock,fcntl,ofd shared
expect_status 0
cells "$work/out" >"$work/alone"
cells "$work/first" >"$work/together"
diff "$work/alone" "$work/together" || fail 'two find other than one'
[ "$(wc -l <"$work/alone")" -gt 50 ] || fail 'too little was compared'
grep -q '^shared, .*, with peer two:$' "$work/first" || fail 'the peer is not named'

# A third finds the place taken.
mkdir shared/lockshim-probe-three
: >shared/lockshim-probe-three/hello
try "$LOCKSHIM" probe --peer three shared
expect_status 1
expect_err 'shared/lockshim-probe-three: File exists'
