#!/bin/sh
# SPDX-License-Identifier: MIT
# abi.sh OBJECT MAP [imports]: the object exports what its version script names and nothing else,
# without a version of its own; needs no libc newer than 2.17; imports nothing that a stranger's
# process must not be made to run.
set -eu
object=$1 map=$2
: "${NM:=nm}"
bad=0

fail() {
  echo "FAILED: $*"
  bad=1
}

exported=$($NM -D --defined-only "$object" | awk '{ print $3 }' | LC_ALL=C sort)
named=$(sed -n '/global:/,/local:/s/^[[:space:]]*\([A-Za-z0-9_]*\);.*/\1/p' "$map" | LC_ALL=C sort)
[ -n "$exported" ] || fail "nothing is exported"
[ "$exported" = "$named" ] || fail "exports differ from $map:
$(printf '%s\n' "$exported" "$named" | LC_ALL=C sort | uniq -u)"

# Sanitizer builds import the runtime, and whatever that wants.
if [ "${3-}" = imports ]; then
  needed=$(readelf -dW "$object" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')
  newest=$($NM -D --undefined-only "$object" | sed -n 's/.*@GLIBC_\([0-9.]*\)$/\1/p' |
    sort -V | tail -n 1)
  # musl has no versions.
  case $needed in
  'libc.so ') newest=2.17 ;;
  esac
  [ -n "$newest" ] || fail "no glibc version seen"
  [ "$(printf '%s\n2.17\n' "$newest" | sort -V | tail -n 1)" = 2.17 ] ||
    fail "needs GLIBC_$newest, the floor is 2.17"
  forbidden=$($NM -D --undefined-only "$object" | awk '{ sub(/@.*/, "", $2); print $2 }' |
    grep -Ex '(m|c|re)alloc|free|strdup|.*printf.*|fopen.*|fread|fgets|puts|fputs|fwrite|_?exit|abort|__assert_fail|strerror.*|perror|v?syslog|pthread_mutex_.*|(un)?setenv|putenv|setlocale|getpw.*|glob|opendir|readdir.*|[fl]?stat(64)?|open(at)?(64)?|sleep|signal|sigaction' || true)
  [ -z "$forbidden" ] || fail "imports: $forbidden"
  case $needed in
  'libc.so.6 ' | 'libdl.so.2 libc.so.6 ' | 'libc.so ') ;;
  'libc.so.6 ld-linux-aarch64.so.1 ') ;; # the stack protector's guard lives there
  *) fail "depends on $needed" ;;
  esac
fi
exit $bad
