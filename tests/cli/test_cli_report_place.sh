# SPDX-License-Identifier: MIT
# What report says where there is no trace, an empty one, a broken one, or no room for its answer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

for way in "" "--perfetto out.json"; do
  # shellcheck disable=SC2086 # words
  try "$LOCKSHIM" report $way
  expect_status 2
  expect_err "no trace given: name its directory, or set LOCKSHIM_TRACE" \
    "Try 'lockshim report --help'"
  # shellcheck disable=SC2086 # words
  try "$LOCKSHIM" report $way not/there
  expect_status 1
  expect_err "not/there: No such file or directory" "LOCKSHIM_TRACE"
  [ ! -e out.json ] || fail "a file was made of no trace"
done

# Nothing has happened yet.
make_trace t </dev/null
try "$LOCKSHIM" report t
expect_status 0
expect_quiet
expect_text "t: 0 events of 0 processes"
expect_json t <<'END'
same([d["trace"]["events"], d["files"], d["waits"], d["waiting"], d["deadlocks"], d["hazards"]],
     [0, [], [], [], [], []])
END
try "$LOCKSHIM" report -n t
expect_text ""
try "$LOCKSHIM" report --perfetto - t
python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["traceEvents"] == []' "$work/out" ||
  fail "not an empty timeline"

# What was lost is said, and what can be read is reported.
make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a discarded=7
pid=11 prog=cron file=/srv/b
END
try "$LOCKSHIM" report t
expect_status 0
expect_out "7 discarded"
expect_err "7 events are not in the trace"
for stream in t/11-*.events; do
  printf 'no head' >"$stream"
done
for way in "" "--perfetto -"; do
  # shellcheck disable=SC2086 # words
  try "$LOCKSHIM" report $way t
  expect_status 1
  expect_err "$stream: "
  expect_out "/srv/a"
done

make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a
END
try env LOCKSHIM_TRACE=t "$LOCKSHIM" report
expect_status 0
expect_out "/srv/a"
for way in "" "--json" "--perfetto - " "--perfetto /dev/full"; do
  # shellcheck disable=SC2016,SC2086 # words
  try sh -c 'exec "$@" >/dev/full' sh "$LOCKSHIM" report $way t
  expect_status 1
  expect_err "write error"
done
try "$LOCKSHIM" report --perfetto not/there t
expect_status 1
expect_err "not/there: No such file or directory"
