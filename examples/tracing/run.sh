#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: a service of three programs in which a backup keeps two workers waiting, traced by
# policy.conf, and the report that says so. BUILD is a build directory; without it the installed
# lockshim is taken. Touches only a directory of its own under TMPDIR.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
lockshim=${1:+$1/cli/}lockshim
unset LOCKSHIM_POLICY LOCKSHIM_SERVICE LOCKSHIM_SET LOCKSHIM_DISABLE LOCKSHIM_DEBUG LOCKSHIM_TRACE

work=$(mktemp -d "${TMPDIR:-/tmp}/lockshim-tracing.XXXXXX")
work=$(cd "$work" && pwd -P)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work"
sed "s|@DIRECTORY@|$work/trace|" "$here/policy.conf" >policy.conf
: >jobs.lock

"$lockshim" run -p policy.conf -s web -- python3 "$here/backup.py" jobs.lock 2 >said &
until [ -s said ]; do :; done
"$lockshim" run -p policy.conf -s web -- flock jobs.lock true &
"$lockshim" run -p policy.conf -s web -- flock jobs.lock true &
wait

echo "lockshim report trace"
"$lockshim" report trace | sed "s|$work/||g"
echo
echo "lockshim report --advise trace"
"$lockshim" report --advise trace | sed "s|$work/||g"
