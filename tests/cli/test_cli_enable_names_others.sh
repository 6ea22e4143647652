# SPDX-License-Identifier: MIT
# Of a service that runs, enable names who uses its files without the library; ps and doctor know the
# service by its cgroup.
[ -n "${INSIDE-}" ] || ! unshare -m true 2>/dev/null || INSIDE=1 exec unshare -m sh "$0"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
command -v flock >/dev/null || skip "no flock(1)"
[ -n "${INSIDE-}" ] || skip "no mount namespace to lay a unit into"
[ -d /usr/local/lib ] || skip "no /usr/local/lib to lay a unit into"
case $LOCKSHIM in /usr/local/lib/*) skip "the command lies where the unit is laid" ;; esac
name=lockshim-test-$$.service

# As systemd does: a cgroup of the unit's name.
mkdir groups
if grep -q name=systemd: /proc/self/cgroup; then
  mount -t cgroup -o none,name=systemd none groups 2>/dev/null || skip "no cgroups to mount"
else
  mount -t cgroup2 none groups 2>/dev/null || skip "no cgroups to mount"
fi
mkdir "groups/$name" 2>/dev/null || skip "no cgroup can be made"
trap 'stop_all; rmdir "groups/$name"; umount groups; rm -rf "$work"' EXIT
mount -t tmpfs none /usr/local/lib || skip "no tmpfs to mount"
mkdir -p /usr/local/lib/systemd/system
printf '[Service]\nExecStart=/bin/sh\n' >"/usr/local/lib/systemd/system/$name"
printf '[rule all]\nflock = ofd\nopen-mode = reopen\n' | policy mail.conf
: >shared
chmod 755 "$work" "$work/here"

holds='echo $$ >"$2" && exec 9<>"$1" && flock -x 9 && echo ready && read _ <"$3"'
opens='exec 9<>"$1" && echo ready && read _ <"$2"'
start sh -c "$holds" sh shared "groups/$name/cgroup.procs" "$work/never"
served=$pid
enable() {
  try "$LOCKSHIM" enable -p mail.conf --dry-run "$@" "$name"
}
enable
expect_status 0
expect_not_in_err "uses $here"

start sh -c "$opens" sh shared "$work/never"
enable
expect_status 0
expect_err "warning: sh[$pid] (no service) uses $here/shared too, unconverted" "flock = both"
try "$LOCKSHIM" doctor --pid "$served"
expect_out "service        $name"
stop_all

# The library's own users are none of them.
start sh -c "$holds" sh shared "groups/$name/cgroup.procs" "$work/never"
start_run -p mail.conf -- sh -c "$opens" sh shared "$work/never"
enable
expect_not_in_err "uses $here"
enable -o flock=posix
expect_err "under another policy (hash " "uses $here/shared too"
