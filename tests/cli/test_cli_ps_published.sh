# SPDX-License-Identifier: MIT
# The hash that a process published goes over what its policy file says by now: a file of the old time
# that was put in the place of another is found out too.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
command -v flock >/dev/null || skip "no flock(1)"
mkdir -m 700 state
printf '[rule all]\nstate-dir = %s/state\nflock = ofd\nupgrade = atomic\n' "$here" | policy one.conf
sed 's/ofd/posix/' one.conf >two.conf
: >file

# LOCKSHIM_DEBUG has it look for users under another policy, which needs the state file.
with=LOCKSHIM_DEBUG=1
start_run -p one.conf --\
  flock file sh -c "$stays"
[ -s state/state ] || skip "the state file was not made"
[ "$(stat -c %s state/state)" -eq 569408 ] || fail "the state file has another size"
# shellcheck disable=SC2154 # start sets it
before=$(cell "$pid" full-hash)
[ -n "$before" ] || fail "no hash"
grep -q "$here/state/state" "/proc/$pid/maps" || fail "flock(1) has no state"
touch one.conf
expect_cell "$pid" state converts
mv two.conf one.conf
touch -d '2001-01-01' one.conf
expect_cell "$pid" state "policy changed"
expect_cell "$pid" full-hash "$before"
