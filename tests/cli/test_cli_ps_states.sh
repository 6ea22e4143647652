# SPDX-License-Identifier: MIT
# ps names each process that has the library, and what its policy makes of its calls.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
command -v flock >/dev/null || skip "no flock(1)"
printf '[rule all]\nflock = ofd\n' | policy ofd.conf
printf '[rule other]\nservice = web\nflock = ofd\n' | policy web.conf
printf '[rule all]\nflock = odf\n' | policy broken.conf
: >file

# Its own word: one state at a time, by the options of run.
state_of() { # STATE OPTIONS…
  expected=$1
  shift
  start_run "$@" -- sh -c "$stays"
  expect_cell "$pid" state "$expected"
}

state_of converts -p ofd.conf -s mail
expect_cell "$pid" service,policy,library "mail $here/ofd.conf current"
expect_cell "$pid" command sh
state_of shadow -p ofd.conf -o shadow=yes
state_of passes -p web.conf -s mail
expect_cell "$pid" hash "$("$LOCKSHIM" ps -n -o pid,full-hash | awk -v p="$pid" '$1 == p { print substr($2, 1, 8) }')"
state_of records -o log=all
with=LOCKSHIM_DISABLE=1 && start_run -p ofd.conf -- sh -c "$stays"
with=
expect_cell "$pid" state disabled

# Two of the same text have one hash, another text has another.
state_of converts -p web.conf -s web
web=$(cell "$pid" full-hash)
state_of converts -p ofd.conf
[ "$web" != "$(cell "$pid" full-hash)" ] || fail "one hash of two policies: $web"
one=$(cell "$pid" full-hash)
state_of converts -p ofd.conf -s mail
[ "$one" = "$(cell "$pid" full-hash)" ] || fail "two hashes of one policy"

# run refuses a broken one, so that it is reached by the variable.
start LD_PRELOAD="${SANITIZER_RUNTIME:+$SANITIZER_RUNTIME:}$LIBRARY" LOCKSHIM_POLICY="$here/broken.conf" \
  sh -c "$stays"
expect_cell "$pid" state "broken policy"
expect_cell "$pid" why "$here/broken.conf:2:9: $("$LOCKSHIM" check broken.conf 2>&1 | sed 's/.*:2:9: //')"

# Without the library there is no row.
start sh -c "$stays"
[ -z "$(cell "$pid" state)" ] || fail "a row for a process without the library"

# A policy that changes leaves who began before it behind.
start_run -p ofd.conf -- sh -c "$stays"
expect_cell "$pid" state converts
after_began "$pid"
printf '[rule all]\nflock = both\n' | policy ofd.conf
expect_cell "$pid" state "policy changed"
