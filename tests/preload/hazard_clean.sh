#!/bin/sh
# SPDX-License-Identifier: MIT
# hazard_clean.sh CONTROL PROGRAM…: what other tests do names no hazard. CONTROL is a program of the
# hazards' own, which does.
set -u
control=$1
shift
dir=$(mktemp -d "${TMPDIR:-/tmp}/lockshim-clean.XXXXXX") || exit
trap 'rm -rf "$dir"' EXIT
: >"$dir/file"
preload=$TEST_PRELOAD
failed=0

# run SET PROGRAM…: its own answer, and what it says in $dir/said.
run() {
  set=$1
  shift
  env LD_PRELOAD="$preload" LOCKSHIM_DEBUG=1 LOCKSHIM_SET="$set;state-dir=$dir" "$@" >"$dir/out" 2>"$dir/said"
}

fail() {
  echo "FAILED: $1"
  cat "$dir/out" "$dir/said"
  failed=1
}

run 'flock=posix' "$control" close_another "$dir"
grep -q ': hazard close: ' "$dir/said" || fail 'the control names no hazard'

for program; do
  run 'flock=ofd' "$program"
  status=$?
  # 77: it needs what this machine does not have.
  [ $status -eq 0 ] || [ $status -eq 77 ] || fail "$program: status $status"
  grep -q '^lockshim: .*policy ' "$dir/said" || fail "$program: runs without the shim"
  ! grep -q ': hazard ' "$dir/said" || fail "$program names a hazard"
done
[ $# -gt 0 ] && exit $failed
