# SPDX-License-Identifier: MIT
# What probe is asked wrongly it says, and nothing is left behind by it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

try "$LOCKSHIM" probe
expect_status 2
expect_err 'lockshim: no directory given' "Try 'lockshim probe --help'"

try "$LOCKSHIM" probe one two
expect_status 2
expect_err 'lockshim: more than one directory'

for list in x '' "flock," flock,x ,flock all,flock; do
  try "$LOCKSHIM" probe --families "$list" .
  expect_status 2
  expect_err 'use all, or some of flock,fcntl,lockf,ofd'
done

for time in 0 5 x ''; do
  try "$LOCKSHIM" probe --timeout "$time" .
  expect_status 2
  expect_err "lockshim: --timeout $time: not a time, as 30s"
done

for name in '' a/b; do
  try "$LOCKSHIM" probe --peer "$name" .
  expect_status 2
  expect_err "lockshim: --peer $name: not a name"
done

try "$LOCKSHIM" probe nothere
expect_status 1
expect_err 'lockshim: nothere/lockshim-probe-' 'No such file or directory'

try "$LOCKSHIM" probe -o flock=nothing .
expect_status 2
expect_err 'flock'

try ls -A
expect_text ''
