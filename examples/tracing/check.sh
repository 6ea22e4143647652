#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh BUILD: what run.sh prints must tell what expected.txt tells, whatever the times and pids.
here=$(cd "$(dirname "$0")" && pwd)

# The file's row, who waited for the backup, and the policy: each line once.
gist() {
  sed -nE -e 's/^ +([0-9]+) +([0-9.]+%) .* ([^ ]+)$/\1 \2 \3/p' \
    -e 's/^flock\[[0-9]+\] +python3[^ ]* .* ([^ ]+)$/flock waited for python3, \1/p' \
    -e 's/^(program = python3).*/\1/p' -e '/^program = flock$/p' -e '/^(flock|open-mode) = /p' | sort
}
# A worker that was let in and did not run for 100 ms looks as if somebody outside had had the lock: then
# once more.
for _ in 1 2 3 4 5 6 7 8; do
  if ! output=$(sh "$here/run.sh" "$1"); then
    printf '%s\nrun.sh failed\n' "$output"
    exit 1
  fi
  echo "$output"
  case $output in *'no process of the trace held the lock'*) ;; *) break ;; esac
done
wanted=$(gist <"$here/expected.txt")
[ "$(echo "$output" | gist)" = "$wanted" ] || {
  printf '\nThat does not tell what expected.txt does:\n%s\n' "$wanted"
  exit 1
}
