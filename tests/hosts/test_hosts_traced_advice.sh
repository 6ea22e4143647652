#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs with one habit each: what the trace of it leads to, and that the habit is cured, or left
# as it was, when the program runs under what is advised.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced_lib.sh"
file=$dir/file
: >"$file"

# observe HABIT ANSWER: a run under pass; sets `advice` to the keys that follow from it.
observe() {
  rm -rf "$trace"
  in_sight habit "$python" "$hosts/traced_habits.py" "$1" "$file"
  is "$1: passed" "$(hear habit)" "$2"
  passed=$(kinds "$file")
  tell habit go
  ended habit
  "$LOCKSHIM" report "$trace" --advise >"$dir/advice.conf"
  is "$1: a policy" "$(answer_of "$LOCKSHIM" check --strict "$dir/advice.conf")" 0
  advice=$(grep -E '^(flock|open-mode|upgrade|fcntl|ofd) = ' "$dir/advice.conf" | paste -sd,)
}

# follow HABIT ANSWER: a run under the advice, up to where something can be looked at.
follow() {
  start habit env LD_PRELOAD="$LOCKSHIM_SO" LOCKSHIM_POLICY="$dir/advice.conf" \
    "$python" "$hosts/traced_habits.py" "$1" "$file"
  is "$1: under the advice" "$(hear habit)" "$2"
}

observe loses_by_close ok
is 'a close: advised' "$advice" 'fcntl = ofd'
is 'a close: it had lost its lock' "$passed" ''
follow loses_by_close ok
is 'a close: it keeps it' "$(kinds "$file")" OFDLCK
ended habit

observe locks_read_only ok
is 'read-only: advised' "$advice" 'flock = ofd,open-mode = keeper'
is 'read-only: a flock' "$passed" FLOCK
follow locks_read_only ok
is 'read-only: kept' "$(probe "$file")" "${stands[shim-ex]}"
ended habit

observe upgrades_beside_a_reader EAGAIN
is 'an upgrade: advised' "$advice" 'flock = ofd,upgrade = atomic'
is 'an upgrade: it had lost the shared lock' "$passed" ''
follow upgrades_beside_a_reader EAGAIN
is 'an upgrade: it keeps it' "$(probe "$file")" "${stands[shim-sh]}"
ended habit

observe sends_its_description ok
is 'a description sent: advised' "$advice" 'ofd = posix'
follow sends_its_description EAGAIN
ended habit

observe crosses_families ok
is 'both families: advised' "$advice" 'flock = pass,fcntl = pass'
follow crosses_families ok
is 'both families: as before' "$(hear habit)" end
is 'both families: a flock' "$(kinds "$file")" FLOCK
ended habit
finish
