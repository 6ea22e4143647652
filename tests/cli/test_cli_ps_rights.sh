# SPDX-License-Identifier: MIT
# ps, doctor and locks read a process' policy with that process' rights: what its user may not read is
# not shown to whom root reports.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
[ "$(id -u)" -eq 0 ] || skip "needs root to look at another user's process"
command -v setpriv >/dev/null || skip "no setpriv (util-linux)"
command -v flock >/dev/null || skip "no flock(1)"
chmod 755 "$work" "$work/here"
chmod 666 "$work/said" "$work/never"
mkdir lib && cp "$LIBRARY" lib/liblockshim.so
echo 'secret of root' >secret
chmod 600 secret
echo 'secret of a group' >of-group
chmod 640 of-group
printf '[rule all]\nflock = ofd\nopen-mode = reopen\n' | policy ours.conf
chown 0:4321 ours.conf
chmod 640 ours.conf
mkdir theirs
chown 65534 theirs
: >file
chmod 666 file

# start_as_other GROUPS POLICY: holds a flock under it.
start_as_other() {
  start LD_PRELOAD="${SANITIZER_RUNTIME:+$SANITIZER_RUNTIME:}$here/lib/liblockshim.so" \
    LOCKSHIM_POLICY="$2" \
    setpriv --reuid=65534 --regid=65534 --groups="$1" sh -c "$stays" sh file
}

for name in secret of-group; do
  printf 'include = %s/%s\n[rule all]\nflock = ofd\nopen-mode = reopen\n' "$here" "$name" |
    policy theirs/policy
  chown 65534 theirs/policy
  for how in "$here/theirs/policy" "$here/$name"; do
    start_as_other 65534 "$how"
    for command in "ps --json -o pid,state,why" "doctor --pid $pid" "locks --json file"; do
      # shellcheck disable=SC2086
      try "$LOCKSHIM" $command
      expect_not_in_out "secret of"
      expect_not_in_err "secret of"
    done
    expect_cell "$pid" state "broken policy"
    stop_all
  done
done

# What its groups may read is read, and this command has its own rights behind it.
start_as_other 4321 "$here/ours.conf"
expect_cell "$pid" state converts
start_as_other 65534 "$here/ours.conf"
expect_cell "$pid" state "broken policy"
start_run -p ours.conf -- sh -c "$stays"
expect_cell "$pid" state converts
