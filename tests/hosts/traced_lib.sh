# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Programs that are traced under pass, and what report and babeltrace2 make of it. Sourced after
# lib.sh; wants LOCKSHIM (the command).
: "${LOCKSHIM:?names the command}"
need babeltrace2
need_python
trace=$dir/trace

# in_sight NAME CMD…: starts it with its lock calls traced, and changed by no rule.
in_sight() {
  local name=$1
  shift
  start "$name" env -u LOCKSHIM_SET -u LOCKSHIM_LOG -u LOCKSHIM_DISABLE -u LOCKSHIM_SERVICE \
    LD_PRELOAD="$LOCKSHIM_SO" LOCKSHIM_POLICY="$LOCKSHIM_EMPTY_POLICY" LOCKSHIM_TRACE="$trace" "$@"
}

# reported EXPRESSION: of python, a list or generator over `report`, as words.
reported() {
  "$LOCKSHIM" report "$trace" --json | "$python" -c '
import json, sys
report = json.load(sys.stdin)
print(*eval(sys.argv[1]))' "$1"
}

# told FILTER…: the events that fit, a line each: pid, event, operation, errno, path.
told() {
  "$LOCKSHIM" trace "$trace" --json "$@" | "$python" -c '
import json, sys
for line in sys.stdin:
    event = json.loads(line)
    print(event["pid"], event["event"], event["operation"], event["errno"] or "ok", event["path"])'
}

# events_of NAME: how many of them babeltrace2 reads.
events_of() {
  babeltrace2 "$trace" 2>/dev/null | grep -c " lockshim:$1: "
}

# cannot WHY: of what a kernel or a build may lack, wherever the test runs.
cannot() {
  echo "skipped: $1"
  exit 77
}

need_probes() {
  need readelf
  readelf -n "$LOCKSHIM_SO" | grep -q stapsdt || cannot 'built without sys/sdt.h: there are no probes'
}
