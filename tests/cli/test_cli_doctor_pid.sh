# SPDX-License-Identifier: MIT
# doctor --pid tells whether a process is converted, and could be.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
: >none.conf

start sh -c "$stays"
try "$LOCKSHIM" doctor --pid "$pid"
expect_status 1
expect_out "library        not in it" "the library is not in it" "lockshim enable SERVICE"

start_run -p none.conf -o flock=ofd -s mail -- sh -c "$stays"
good=$pid
try "$LOCKSHIM" doctor --pid "$good"
expect_status 0
expect_quiet
expect_out "process $good" "service        mail" "state          converts" "policy hash" \
  "No problem found."

with=LOCKSHIM_DISABLE=1 && start_run -p none.conf -o flock=ofd -- sh -c "$stays"
with=
try "$LOCKSHIM" doctor --pid "$good" --pid "$pid"
expect_status 1
expect_out "state          converts" "LOCKSHIM_DISABLE=1: every call passes"

printf '[rule a]\nflock = ofd\n' | policy later.conf
start_run -p later.conf -- sh -c "$stays"
try "$LOCKSHIM" doctor --pid "$pid"
expect_status 0
after_began "$pid"
echo '[rule a' | policy later.conf
try "$LOCKSHIM" doctor --pid "$pid"
expect_status 1
expect_out "changed since it began" "later.conf:1:"

for wrong in 0 -1 12x '' 99999999999; do
  try "$LOCKSHIM" doctor --pid "$wrong"
  expect_status 2
  expect_err "no process number"
done
try "$LOCKSHIM" doctor --pid 4194304
expect_status 2
expect_err "no such process"

# One that can't have it.
echo '#include <stdio.h>
int main(void) { puts("ready"); fflush(stdout); return getchar(); }' >static.c
"${CC:-cc}" -static -o static static.c 2>/dev/null || skip "the compiler makes no static program"
exec 3<>"$work/never"
start sh -c 'exec ./static <"$1"' sh "$work/never"
try "$LOCKSHIM" doctor --pid "$pid"
expect_status 1
expect_out "statically linked: no library can be preloaded into it"
