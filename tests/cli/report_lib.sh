# SPDX-License-Identifier: MIT
# Sourced after lib.sh: a trace made by a script, and what report says of it as JSON.
: "${MAKE_TRACE:?}"
command -v python3 >/dev/null || skip "no python3 to read JSON"
unset LOCKSHIM_TRACE

# Standard input is make_trace's script.
make_trace() { # DIR
  rm -rf "$1"
  "$MAKE_TRACE" "$1" || fail "no trace was made"
}

# The JSON of a report, with times as milliseconds, is `d` in a Python program on standard input;
# `who(party)` is "PROGRAM[PID]".
expect_json() { # report's arguments
  try "$LOCKSHIM" report --json "$@"
  expect_status 0
  expect_quiet
  {
    cat <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
ms = lambda ns: ns / 1e6
def who(party):
    if party["program"] is None:
        return "pid %d" % party["pid"] if "pid" in party else "unknown"
    return "%s[%s]" % (party["program"], party.get("pid", "*"))
def waits():
    return {(who(w["waiter"]), who(w["holder"]), w["file"]): (w["times"], ms(w["total"]), ms(w["max"]))
            for w in d["waits"]}
def cycles():
    return [([(who(s["waiter"]), s["file"]) for s in c["cycle"]], c["times"], c["refused"])
            for c in d["deadlocks"]]
def same(found, expected):
    if found != expected:
        sys.exit("found    %r\nexpected %r" % (found, expected))
END
    cat
  } >"$work/program.py"
  python3 "$work/program.py" "$work/out" 2>"$work/err" || fail "not the report expected"
}
