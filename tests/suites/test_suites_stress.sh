#!/bin/bash
# SPDX-License-Identifier: MIT
# test_suites_stress.sh MODE: stress-ng's workers on each kind of lock, all at once, verified.
. "$(dirname "$0")/lib.sh"
need stress-ng
need_strace
stressors='flock locka lockf lockofd'
options=
for stressor in $stressors; do
  options+=" --$stressor 2"
done

# shellcheck disable=SC2086 # one word an option
(cd "$dir" && as "$mode" stress-ng $options --verify --metrics-brief -t 4 >"$dir/log" 2>&1)
status=$?
[ $status -eq 0 ] || cat "$dir/log"
is "$mode: verified" $status 0
# "stress-ng: metrc: [PID] NAME OPERATIONS ..."; nothing done is nothing verified.
is "$mode: each did something" \
  "$(sed -nE 's/.* metrc: \[[0-9]+\] (flock|locka|lockf|lockofd) +[1-9][0-9]* .*/\1/p' "$dir/log" |
    sort | paste -sd' ')" "$stressors"
is "$mode: what the kernel is asked" "$(families stress-ng --flock 1 --flock-ops 200)" \
  "${asked_by[$mode]}"
finish
