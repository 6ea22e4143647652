# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by run.sh [BUILD]: BUILD is a build directory; without it the installed lockshim is taken.
# Sets `lockshim`, `library` (as LD_PRELOAD has it), `here` (the example) and `work`, a new directory
# under TMPDIR, and goes there. The policy is copied: one that others may write is refused, and in a
# checkout they sometimes may.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034 # for the examples
lockshim=${1:+$1/cli/}lockshim
unset LD_PRELOAD LOCKSHIM_POLICY LOCKSHIM_SERVICE LOCKSHIM_SET LOCKSHIM_DISABLE LOCKSHIM_DEBUG \
  LOCKSHIM_TRACE LOCKSHIM_LOG
PATH=$PATH:/usr/sbin:/sbin

needs() { # PROGRAM…
  for program; do
    command -v "$program" >/dev/null && continue
    echo "$program is not installed: README.md names the packages" >&2
    exit 1
  done
}
needs "$lockshim"
library=$("$lockshim" version | sed -nE 's/^library +([^ ]+).*/\1/p')
: "${library:?}"

work=$(mktemp -d "${TMPDIR:-/tmp}/lockshim-example.XXXXXX")
work=$(cd "$work" && pwd -P)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work"
cp "$here/policy.conf" .

client() { # VERB FILE [COMMAND…]: see client.py
  python3 "$here/../client.py" "$@"
}

# say WHO WHAT: a row.
say() {
  printf '  %-34s %s\n' "$1" "$2"
}
