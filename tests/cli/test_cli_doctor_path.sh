# SPDX-License-Identifier: MIT
# doctor says what locks do in a place; an exported one whose flock passes is a problem, and the lines
# it prints cure it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
: >none.conf
: >file

try "$LOCKSHIM" doctor -p none.conf file
expect_status 0
expect_quiet
expect_out "path           $here/file" "exported       no" "none: every call passes" \
  "No problem found."
try "$LOCKSHIM" doctor -p none.conf -o flock=ofd file
expect_status 0
expect_out "none; -o stands" "What the policy changes:" "OFD write lock"
try "$LOCKSHIM" doctor -p none.conf .
expect_status 0
expect_out "path           $here" "the rule is that of a new file in it"
try "$LOCKSHIM" doctor -p none.conf not-there
expect_status 0
expect_out "not there: looked at as a new file"
try "$LOCKSHIM" doctor -p none.conf no/such/directory
expect_status 2
expect_err "no/such/directory: No such file or directory"
try "$LOCKSHIM" doctor -p no.conf file
expect_status 2

# The rule of a file, and why it passes.
printf '[rule this]\npath = %s/file\nflock = ofd\n' "$here" | policy path.conf
try "$LOCKSHIM" doctor -p path.conf file
expect_out "this at $here/path.conf:1"
try "$LOCKSHIM" doctor -p none.conf -o flock=ofd /proc/self/status
expect_out "passed since   on proc" "a rule converts calls, and they pass all the same: on proc"

# Whether a table of exports can be laid over this host's hangs on who runs the test.
unshare -m true 2>/dev/null || skip "no mount namespace to lay a list of exports into"
exported() { # OPTIONS…
  try unshare -m sh -c 'mount -t tmpfs none /var/lib && mkdir /var/lib/nfs &&
    printf "%s\t10.0.0.0/8(rw,sync)\n" "$1" >/var/lib/nfs/etab && shift && exec "$@"' \
    sh "$here" "$LOCKSHIM" doctor "$@" file
}
exported -p none.conf
expect_status 1
expect_out "exported       yes" "exported over NFS, and flock passes"
sed -n '/^\[rule/,$p' "$work/out" >cure.conf
try "$LOCKSHIM" check cure.conf
expect_status 0
expect_out "1 rule"
exported -p cure.conf
expect_status 0
expect_out "No problem found."
exported -p cure.conf -o shadow=yes
expect_status 1
expect_out "shadow = yes: nothing is changed yet"

# Without /proc nothing is seen, and that is no health.
for command in "doctor -p none.conf file" ps; do
  # shellcheck disable=SC2086
  try unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$LOCKSHIM" $command
  [ "$status" -ne 0 ] || fail "no error without /proc"
  expect_err "/proc is not to be read here"
done

# Who uses it now decides with it: each by a policy of its own, and from its start on.
command -v flock >/dev/null || skip "no flock(1)"
start_run -p none.conf -o flock=ofd -- sh -c "$stays" sh file
exported -p none.conf
expect_status 0
expect_out "all who use it now convert by their own"
start sh -c 'exec 9<>"$1"; echo ready; read _ <"$2"' sh file "$work/never"
exported -p none.conf
expect_status 1
expect_out "exported over NFS, and flock passes"
stop_all
start sh -c "$stays" sh file
exported -p none.conf
expect_status 1
exported -p cure.conf
expect_status 1
expect_out "[$pid] (unconverted) holds a flock there" "restart sh[$pid]"
stop_all
start_run -p none.conf -- sh -c "$stays" sh file
exported -p none.conf
expect_status 1
