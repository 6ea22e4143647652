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
  for actor in $actors; do
    [ ! -d "/proc/$actor" ] || fail "actor $actor lives on"
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
