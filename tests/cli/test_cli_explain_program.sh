# SPDX-License-Identifier: MIT
# --program: searched in PATH, resolved, its #! line and env followed, as the kernel would.
. "$(dirname "$0")/lib.sh"
: >file
mkdir bin
cp /bin/true bin/real
ln -s real bin/alias
printf '#!%s/bin/real -x\n' "$here" >bin/script
echo '#!/usr/bin/env alias' >bin/by-env
chmod +x bin/*
PATH=$here/bin:$PATH

fits() {
  printf '[rule x]\nprogram = %s\nflock = ofd\n' "$1" | policy one.conf
  try "$LOCKSHIM" explain -p one.conf --program "$2" file
  expect_status 0
  grep -q '^x .*yes' "$work/out" || fail "expected the rule to fit"
}

misses() {
  printf '[rule x]\nprogram = %s\nflock = ofd\n' "$1" | policy one.conf
  try "$LOCKSHIM" explain -p one.conf --program "$2" file
  expect_status 0
  grep -q '^x .*no: program' "$work/out" || fail "expected the rule not to fit"
}

fits real real
fits "$here/bin/real" real
fits alias bin/alias
fits real bin/alias
fits "$here/bin/real" alias
misses "$here/bin/alias" alias
fits script script
fits "$here/bin/real" script
fits alias by-env
misses by-env by-env
misses real sh

# One that is not there is taken by its name, and said so.
fits no-such no-such
expect_err "warning: --program no-such: No such file"
: >bin/plain
fits plain plain
expect_err "warning: --program plain: Permission denied"
fits /no/such /no/such
