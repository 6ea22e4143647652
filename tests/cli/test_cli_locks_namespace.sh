# SPDX-License-Identifier: MIT
# In another PID namespace the kernel leaves out the locks of processes outside: locks says so, and
# --wait does not take a file for free.
. "$(dirname "$0")/lib.sh"
command -v flock >/dev/null || skip "no flock"
: >file
exec 9<>file
flock 9
unshare -pf -m --mount-proc true 2>"$work/err" || skip "no PID namespace to be had"

try unshare -pf -m --mount-proc "$LOCKSHIM" locks file
expect_status 0
expect_err "warning: in this PID namespace locks of processes outside it are not seen"
try unshare -pf -m --mount-proc "$LOCKSHIM" locks --json file
expect_out '"hidden": true'
try unshare -pf -m --mount-proc timeout 60 "$LOCKSHIM" locks --wait file
expect_status 1
expect_err "--wait: not to be known in this PID namespace"
