# SPDX-License-Identifier: MIT
# Which directory trace reads, and what it says where there is no trace, or not a whole one.
. "$(dirname "$0")/lib.sh"
unset LOCKSHIM_TRACE
export TZ=UTC

try "$LOCKSHIM" trace
expect_status 2
expect_err "no trace given: name its directory, or set LOCKSHIM_TRACE" "Try 'lockshim trace --help'"
try "$LOCKSHIM" trace one two
expect_status 2
expect_err "two: unexpected argument"
try "$LOCKSHIM" trace not/there
expect_status 1
expect_err "not/there: No such file or directory" "LOCKSHIM_TRACE"
mkdir empty
try "$LOCKSHIM" trace empty
expect_status 1
expect_err "empty: there is no trace in it" "LOCKSHIM_TRACE"
: >file
try "$LOCKSHIM" trace file
expect_status 1
expect_err "file: Not a directory"

# A trace in which nothing has happened yet is one.
"$MAKE_TRACE" t </dev/null || fail "make_trace"
try "$LOCKSHIM" trace t
expect_status 0
expect_quiet
expect_text ""
echo "t=1 pid=10" | "$MAKE_TRACE" -a t || fail "make_trace"
export LOCKSHIM_TRACE="$here/t"
try "$LOCKSHIM" trace
expect_status 0
expect_out "prog[10]"
unset LOCKSHIM_TRACE

# An administrator's directory has one for each user, by number; no other is looked into.
mkdir shared
echo "t=1 pid=11" | "$MAKE_TRACE" shared/0 && echo "t=2 pid=12" | "$MAKE_TRACE" shared/1000 &&
  echo "t=3 pid=13" | "$MAKE_TRACE" shared/index && ln -s ../t shared/7 || fail "make_trace"
try "$LOCKSHIM" trace shared
expect_out "prog[11]" "prog[12]"
expect_not_in_out "prog[13]"
expect_not_in_out "prog[10]"

# damaged WHAT: the other stream is read all the same, the damage is said once, and the status is 1.
damaged() {
  try "$LOCKSHIM" trace t
  expect_status 1
  expect_err "$1"
  expect_out "prog[10]"
  [ "$(wc -l <"$work/err")" -eq 1 ] || fail "expected one message"
}
stream=t/x.events
remake() {
  rm -rf t
  printf 't=1 pid=10\nt=2 pid=11 prog=x\nt=3 pid=11 prog=x\n' | "$MAKE_TRACE" t || fail "make_trace"
  rm -rf "$stream"
  mv t/11-*.events "$stream"
}
# put OFFSET BYTES: in the stream's head.
put() {
  printf "$2" | dd of="$stream" bs=1 seek="$1" conv=notrunc 2>/dev/null || fail "dd"
}

remake
try "$LOCKSHIM" trace t
expect_status 0
remake && truncate -s 300 "$stream"
damaged "x.events: it was cut to 300 bytes of 352"
expect_out "x[11]"
remake && truncate -s 127 "$stream"
damaged "x.events: it is shorter than a head"
remake && put 0 '\301\374\037\301'
damaged "x.events: it was written on a machine of other byte order"
remake && put 0 '\300'
damaged "x.events: it does not begin as a stream of a trace"
remake && put 72 '\007'
damaged "x.events: its head is of layout 7, this is for layout 3"
remake && put 4 '\011'
damaged "x.events: its head names no kind of stream"
remake && put 24 '\377\377\377\377\377\377\377\377'
damaged "x.events: its content is longer than its packet"
expect_out "x[11]"
remake && put 24 '\000\000'
damaged "x.events: its content is shorter than its head"
remake && put 136 '\077'
damaged "x.events: it has a record that is none at byte 128"
expect_out "x[11]"
remake && put 25 '\012'
damaged "x.events: it ends within a record"
expect_out "x[11]"
remake && rm "$stream" && mkfifo "$stream"
damaged "x.events: it is no regular file"
remake && mv "$stream" outside && ln -s ../outside "$stream"
damaged "x.events: Too many levels of symbolic links"

# A stream that is being made is no damage.
remake && truncate -s 0 "$stream" && truncate -s 65536 "$stream"
try "$LOCKSHIM" trace t
expect_status 0
expect_quiet
remake && : >"$stream"
try "$LOCKSHIM" trace t
expect_status 0
expect_quiet

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
  remake
  chmod 755 "$work" "$work/here"
  chmod 755 t && chmod 644 t/*.names t/10-*.events
  as_user() {
    try setpriv --reuid 65534 --clear-groups --inh-caps=-all "$LOCKSHIM" "$@"
  }
  if setpriv --reuid 65534 --clear-groups --inh-caps=-all "$LOCKSHIM" --version >/dev/null 2>&1; then
    as_user trace t
    expect_status 1
    expect_err "x.events: Permission denied"
    expect_out "prog[10]"
    chmod 700 t
    as_user trace t
    expect_status 1
    expect_err "t: Permission denied"
  fi
fi
