# SPDX-License-Identifier: MIT
# trace --follow goes on over streams that grow and processes that come and go, and ends cleanly.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

# until_said FILE TEXT: what follows wrote it, bounded.
until_said() {
  tries=0
  until grep -qF -- "$2" "$1"; do
    tries=$((tries + 1))
    [ $tries -lt 1600 ] || fail "expected in time: $2"
    sleep 0.05
  done
}
until_out() {
  until_said "$work/out" "$1"
}
tried="trace --follow"
: >"$work/out"

# The directory may still be to come.
"$LOCKSHIM" trace -f t >"$work/out" 2>"$work/err" &
follower=$!
trap 'kill $follower 2>/dev/null; rm -rf "$work"' EXIT
until_said "$work/err" "t: waiting for a trace in it"
printf 't=1 pid=10 file=/a\n' >script
"$MAKE_TRACE" t <script || fail "make_trace"
until_out "prog[10] flock(3</a>, LOCK_EX"

# The stream grows, with names that are new.
printf 't=2 pid=10 file=/b\nt=2.1 pid=10 tid=11 file=/c\n' >>script
"$MAKE_TRACE" -a t <script || fail "make_trace"
until_out "prog[10] flock(3</b>, LOCK_EX"
until_out "prog[10/11] flock(3</c>, LOCK_EX"

# Processes come, and one goes with its files.
echo "t=3 pid=20 prog=later file=/a id=wait" | "$MAKE_TRACE" -a t || fail "make_trace"
until_out "later[20] flock(3</a>, LOCK_EX) waits"
rm t/10-*
echo "t=4 pid=21 prog=later file=/a" | "$MAKE_TRACE" -a t || fail "make_trace"
until_out "later[21] flock(3</a>, LOCK_EX"

kill -INT $follower
wait $follower
status=$?
expect_status 0
[ "$(wc -l <"$work/err")" -eq 1 ] || fail "expected no more on standard error"
[ "$(grep -c 'prog\[10\]' "$work/out")" -eq 2 ] || fail "expected each record once"
[ "$(tail -n 1 "$work/out")" = "00:00:03.000000 later[20] flock(3</a>, LOCK_EX) waits" ] ||
  fail "expected who still waits at the end"

# Nobody reads any more: it ends, though nothing happens in the trace.
mkfifo pipe
timeout 60 "$LOCKSHIM" trace -f t >pipe 2>"$work/err" &
follower=$!
head -n 1 <pipe >"$work/out"
wait $follower
status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 141 ] || fail "expected it to end by itself"
expect_quiet
