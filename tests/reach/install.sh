#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh BUILD HOLDER OUTSIDE SOURCES: one `cmake --install`, and one value of LD_PRELOAD converts
# programs of both word sizes.
set -eu
build=$1 holder64=$2 outside=$3 sources=$4
command -v cmake >/dev/null || { echo 'skipped: no cmake'; exit 77; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
holder32=$place/holder32
${CC:-cc} -m32 -D_GNU_SOURCE -o "$holder32" "$sources/holder.c"
DESTDIR=$place/root cmake --install "$build" >"$place/log" 2>&1 || { cat "$place/log"; exit 1; }
unset LD_PRELOAD LOCKSHIM_POLICY LOCKSHIM_SERVICE LOCKSHIM_DISABLE LOCKSHIM_DEBUG
bad=0

# Refused from outside: 1 a flock, 2 an OFD lock. The loader has nothing to say.
expect() { # NAME STATUS COMMAND…
  name=$1 expected=$2 status=0
  shift 2
  "$@" "$place/file" "$outside" "$place/file" 2>"$place/said" || status=$?
  [ "$status" -eq "$expected" ] && [ ! -s "$place/said" ] && return
  bad=1
  echo "FAILED: $name: status $status, expected $expected"
  cat "$place/said"
}

expect '64-bit, bare' 1 "$holder64"
expect '32-bit, bare' 1 "$holder32"

export LOCKSHIM_SET=flock=ofd
# shellcheck disable=SC2016 # the loader's to replace
preload=$place/root/usr/'$LIB'/liblockshim.so
expect '64-bit, preloaded' 2 env LD_PRELOAD="$preload" "$holder64"
expect '32-bit, preloaded' 2 env LD_PRELOAD="$preload" "$holder32"

command=$place/root/usr/bin/lockshim
if [ -x "$command" ]; then
  expect '64-bit under lockshim run' 2 "$command" run -- "$holder64"
  expect '32-bit under lockshim run' 2 "$command" run -- "$holder32"
fi
exit $bad
