#!/bin/sh
# SPDX-License-Identifier: MIT
# ofd_calls_pair.sh PRELOAD: what excludes nobody by OFD locks does under ofd = posix.
set -eu
preload=$1
python=/usr/bin/python3
if ! $python -c 'import socket; socket.recv_fds' 2>/dev/null; then
  echo 'skipped: no python3 with recv_fds'
  [ -z "${TESTS_MUST_RUN:-}" ] || exit 1
  exit 77
fi
program=$(dirname "$0")/ofd_calls_pair.py
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
: >"$place/policy.conf"
bad=0

is() { # WHAT GOT WANTED
  [ "$2" = "$3" ] && return
  bad=1
  printf 'FAILED: %s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
}

under() { # SET
  timeout 60 env "LD_PRELOAD=$preload" "LOCKSHIM_SET=$1" \
    "LOCKSHIM_POLICY=$place/policy.conf" $python "$program"
}

# How much is lost where nobody is kept out is not to be told.
is bare "$(timeout 60 $python "$program" | head -n 1)" 'the second is answered granted'
is ofd=pass "$(under ofd=pass | head -n 1)" 'the second is answered granted'
is ofd=posix "$(under ofd=posix | paste -sd,)" 'the second is answered EAGAIN,nothing is lost'
exit $bad
