# SPDX-License-Identifier: MIT
# The paths named in rules are never touched: a dead server must not hang check or explain.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || skip "no strace"

policy paths.conf <<'END'
[rule one]
filesystem = /no-such-mount/below
path = /no-such-tree/**
flock = ofd
END
strace -f -o trace true 2>/dev/null || skip "no ptrace here"
try strace -f -o trace "$LOCKSHIM" check paths.conf
expect_status 0
if grep -q 'no-such' trace && grep 'no-such' trace | grep -qv 'write\|read'; then
  fail "check touched: $(grep 'no-such' trace)"
fi
try strace -f -o trace "$LOCKSHIM" explain -p paths.conf .
expect_status 0
if grep 'no-such' trace | grep -qv 'write\|read'; then
  fail "explain touched: $(grep 'no-such' trace)"
fi
