#!/bin/bash
# SPDX-License-Identifier: MIT
# examples/tracing/locks.gdb shows each lock call of a program by the static probes: what was asked
# for, what it became, how it ended.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced_lib.sh"
need gdb
need_probes
gdb -nx -q -batch -ex run --args true >"$dir/log" 2>&1
grep -q 'exited normally' "$dir/log" || cannot 'gdb may not run a program here'
file=$dir/file
: >"$file"
inode=$(stat -c %i "$file")

# watched SETTING ARGUMENT…: what locks.gdb says of flock(1), descriptor and times aside.
watched() {
  local setting=$1
  shift
  gdb -nx -q -batch -ex 'set debuginfod enabled off' -x "$hosts/../../examples/tracing/locks.gdb" \
    -ex "set environment LD_PRELOAD $LOCKSHIM_SO" -ex "set environment LOCKSHIM_SET $setting" \
    -ex "set environment LOCKSHIM_POLICY $LOCKSHIM_EMPTY_POLICY" -ex run --args flock "$@" \
    >"$dir/log" 2>&1
  grep -E '^(granted|refused|released) ' "$dir/log" | sed -E 's/ fd [0-9]+//; s/(held) [0-9]+/\1/' | paste -sd';'
}

is 'passed' "$(watched 'flock=pass' "$file" true)" \
  "granted call 0 operation 1 families 1 waited 0 us inode $inode;released call 5 families 1 held us inode $inode"
is 'converted' "$(watched 'flock=ofd' -s "$file" true)" \
  "granted call 0 operation 0 families 2 waited 0 us inode $inode;released call 5 families 2 held us inode $inode"
is 'where it came from' "$(grep -qE '^#[1-9][0-9]* .*(flock_watched|liblockshim)' "$dir/log" && echo yes)" yes
outside "$file" flock ex
is 'refused' "$(watched 'flock=pass' -n "$file" true)" \
  "refused call 0 operation 1 errno 11 waited 0 us inode $inode"
let_go
finish
