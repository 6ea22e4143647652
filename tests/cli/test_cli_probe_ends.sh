# SPDX-License-Identifier: MIT
# A probe that is ended by a signal takes its files and its processes with it, and so does the other
# side of one.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

children() {
  cat "/proc/$1/task/$1/children" 2>/dev/null
}

for signal in TERM=143 HUP=129; do
  mkdir shared
  "$LOCKSHIM" probe shared >"$work/out" 2>"$work/err" &
  probe=$!
  until actors=$(children "$probe") && [ -n "$actors" ] && [ -n "$(ls -A shared)" ]; do
    kill -0 "$probe" 2>/dev/null || fail 'it has ended by itself'
  done
  kill -"${signal%=*}" "$probe"
  wait "$probe"
  [ $? -eq "${signal#*=}" ] || fail "it was not ended by $signal"
  rmdir shared || fail 'something was left behind'
  # Killed with it, and reaped by who inherits them: here it would be waited for to the test's end.
  for actor in $actors; do
    while [ -d "/proc/$actor" ]; do :; done
  done
done

mkdir shared
"$LOCKSHIM" probe --peer two shared >"$work/out" 2>"$work/err" &
first=$!
until [ -d shared/lockshim-probe-two ]; do
  kill -0 "$first" 2>/dev/null || fail 'the first has ended'
done
"$LOCKSHIM" probe --peer two shared >"$work/out2" 2>"$work/err2" &
second=$!
until [ -e shared/lockshim-probe-two/file-3 ]; do
  kill -0 "$first" 2>/dev/null || fail 'the first has ended'
done
kill -TERM "$first"
wait "$second" || fail "the second exited with $?: $(cat "$work/err2")"
wait "$first"
[ $? -eq 143 ] || fail 'the first was not ended by the signal'
rmdir shared || fail 'something was left behind'

# A process that cannot be started is no answer about locks: by how many descriptors there are, one
# or the other of its pipes cannot be made.
mkdir few
for most in 8 9 10 11 12 13 14 15; do
  (
    ulimit -n "$most"
    exec "$LOCKSHIM" probe --families all few
  ) >"$work/out" 2>"$work/err"
  status=$?
  [ "$status" -le 1 ] || fail "status $status with $most descriptors"
  expect_not_in_out 'no process'
  [ -z "$(ls -A few)" ] || fail "something was left behind with $most descriptors"
done

# A directory that comes into being after the timeout goes again. The child has standard error open
# until then.
mkdir late
said=$("$LOCKSHIM" probe --timeout 1ns late 2>&1 >"$work/out") && fail 'it was in time'
[ -z "$(ls -A late)" ] || fail "something was left behind: $said"
