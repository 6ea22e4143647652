#!/bin/bash
# SPDX-License-Identifier: MIT
# test_suites_python.sh MODE: Debian's tests of the Python modules that lock, chosen by strace. What
# passed bare, test by test, passes under the shim; bare goes first and leaves what it found.
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3 # the one that the tests were packaged with, whatever else PATH has
modules='test_dbm test_dbm_gnu test_eintr test_fcntl test_mailbox test_posix test_shelve'
outcomes=$SUITES_OUT/python
need_package $python python3
library=$($python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
need_package "$library/test/test_fcntl.py" libpython3-testsuite
$python -c 'import _gdbm' 2>/dev/null || skip 'python3-gdbm is not installed'
need_strace
mkdir -p "$outcomes"

# They spend their time asleep, so more of them run than there are processors.
run_tests() { # MODE
  # shellcheck disable=SC2086 # one word a module
  (cd "$dir" && exec as "$1" $python -m test -j 7 --junit-xml "$dir/junit.xml" $modules) \
    >"$dir/log" 2>&1 || cat "$dir/log"
  rm -f "$outcomes/$1"
  $python "$suites/outcomes.py" "$dir/junit.xml" | sort >"$outcomes/$1"
}

run_tests "$mode"
if [ "$mode" = bare ]; then
  is 'bare: nothing fails' "$(grep -vE ' (passed|skipped)$' "$outcomes/bare")" ''
  is 'bare: each module passed somewhere' \
    "$(sed -nE 's/^test\.([^.]*)\..* passed$/\1/p' "$outcomes/bare" | sort -u | paste -sd' ')" \
    "$modules"
else
  is "$mode: as bare" "$(diff "$outcomes/bare" "$outcomes/$mode")" ''
fi
is "$mode: what the kernel is asked" "$(families $python -m test test_dbm_gnu)" "${asked_by[$mode]}"
locks='import fcntl; file = open("locked", "w"); fcntl.lockf(file, fcntl.LOCK_EX)'
is "$mode: what the kernel is asked for fcntl" "$(families $python -c "$locks")" \
  "${asked_by_fcntl[$mode]}"
echo "$(grep -c ' passed$' "$outcomes/$mode") tests passed"
finish
