# SPDX-License-Identifier: MIT
# trace's filters: each alone, several of one kind, and several kinds together.
. "$(dirname "$0")/lib.sh"

"$MAKE_TRACE" t <<'END' || fail "make_trace"
t=1 pid=1 prog=php-fpm file=/srv/web/a.lock fd=1
t=2 pid=2 prog=php file=/srv/web/sub/b.lock fd=2 op=shared
t=3 pid=2 prog=php file=/srv/web/sub/b.lock fd=3 id=release
t=4 pid=3 tid=9 prog=redis file=/var/nodes.conf fd=4 id=wait
t=5 pid=3 tid=9 prog=redis file=/var/nodes.conf fd=5 waited=0.01
t=6 pid=3 prog=redis fd=6 id=query
t=7 pid=3 prog=redis fd=7 id=hazard call=close op=unlock
t=8 pid=4 prog=redis file=/var/nodes.conf fd=8 waited=1.5 err=EINTR
END

# DESCRIPTORS OPTION…: what is printed are the records of these descriptors.
prints() {
  expected=$1
  shift
  try "$LOCKSHIM" trace "$@" t
  expect_status 0
  expect_quiet
  found=$(sed -n '/still/q; s/.*[a-z](\([0-9]\).*/\1/p' "$work/out" | tr -d '\n')
  [ "$found" = "$expected" ] || fail "expected the records $expected, got $found"
  try "$LOCKSHIM" trace --json "$@" t
  found=$(sed 's/.*"fd":\([0-9]\).*/\1/' "$work/out" | tr -d '\n')
  [ "$found" = "$expected" ] || fail "expected the records $expected in JSON, got $found"
}

prints 12345678
prints 1 --path '/srv/web/*'
prints 123 --path '/srv/**'
prints 123 --path '*.lock'
prints 1458 --path '*/a.lock' --path '/srv/web/a.lock' --path nodes.conf
prints 23 --program php
prints 123 --program 'php*'
prints 23 --pid 2
prints 238 --pid 2 --pid 4
prints 2 --operation shared
prints 37 --operation unlock
prints 3 --operation release
prints 67 --operation query,hazard
prints 234 --operation shared,release,wait
prints 58 --min-wait 10ms
prints 58 --min-wait 0.01s
prints 8 --min-wait 10.000001ms
prints 8 --min-wait 1500ms
prints '' --min-wait 2m
prints 12345678 --min-wait 0
prints 8 --program redis --min-wait 1ms --pid 4 --path '/var/*' --operation exclusive
prints '' --program redis --path '/srv/**'

# A wait that is filtered out waits for nobody's eyes.
try "$LOCKSHIM" trace --pid 1 t
expect_not_in_out "still"

wrong() {
  try "$LOCKSHIM" trace "$@" t
  expect_status 2
  [ ! -s "$work/out" ] || fail "expected nothing on standard output"
}
wrong --pid 0
wrong --pid -1
wrong --pid 12x
wrong --pid 99999999999
expect_err "99999999999: no number of a process"
wrong --operation shared,
wrong --operation write
expect_err "--operation write: it is one of shared, exclusive, unlock, lock, release"
wrong --min-wait 10
expect_err "--min-wait 10: it is a number with a unit"
wrong --min-wait -1s
wrong --min-wait 1.s
wrong --min-wait .5s
wrong --min-wait 1e3s
wrong --min-wait 99999999999999999999s
wrong --program /usr/bin/php
expect_err "base name"
