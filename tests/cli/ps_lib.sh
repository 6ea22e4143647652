# SPDX-License-Identifier: MIT
# Sourced after lib.sh: processes in the background that have said that they are ready, and are ended
# with the script.
mkfifo "$work/said" "$work/never"
started=
trap 'stop_all; rm -rf "$work"' EXIT
[ -z "${SANITIZER_RUNTIME:-}" ] || preload_first="LD_PRELOAD=$SANITIZER_RUNTIME:$LIBRARY"

# start [VARIABLE=VALUE…] COMMAND…: its first line is waited for. $pid: its number.
start() {
  env "$@" >"$work/said" 2>"$work/start" &
  pid=$!
  started="$started $pid"
  read -r first <"$work/said" || fail "did not start: $* $(cat "$work/start")"
}

# The same under `lockshim run` with OPTIONS… before --. $with: variables, without blanks.
with=
start_run() {
  # shellcheck disable=SC2086 # one word a variable
  start ${preload_first:+"$preload_first"} $with "$LOCKSHIM" run "$@"
}

# A child of one that is killed goes on: it waits for a writer, and ends behind one.
stop_all() {
  for one in $started; do kill -KILL "$one" 2>/dev/null; done
  for one in $started; do wait "$one" 2>/dev/null; done
  { :; } 3<>"$work/never"
  started=
}

# For `sh -c`: says that it is there, and stays. With a file it takes a flock on it before.
# shellcheck disable=SC2034,SC2016 # for the scripts; expanded there
stays='[ -z "${1:-}" ] || { exec 9<>"$1"; flock -x 9 || exit 1; }; echo ready; read _ <'"$work/never"

# When a process began is known in ticks of a hundredth of a second, so a file counts as changed since
# then from the third on. Goes on in the fifth.
after_began() { # PID
  began=$(awk '{ print $22 }' "/proc/$1/stat")
  while read -r now _ </proc/uptime && [ "${now%.*}${now#*.}" -le $((began + 4)) ]; do :; done
}

# The cell of a process in ps.
cell() { # PID COLUMN
  "$LOCKSHIM" ps -n -o "pid,$2" 2>/dev/null | awk -v pid="$1" '$1 == pid { $1 = ""; print substr($0, 2) }'
}

expect_cell() { # PID COLUMN TEXT
  tried="ps -o pid,$2: $1"
  found=$(cell "$1" "$2")
  [ "$found" = "$3" ] || fail "$2 of $1 is '$found', expected '$3'"
}
