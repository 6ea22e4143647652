#!/bin/bash
# SPDX-License-Identifier: MIT
# python's fcntl.flock: with POSIX and OFD outsiders natively no word, under the shim exclusion both
# ways, asked of the kernel as OFD locks.
. "$(dirname "$0")/lib.sh"
. "$hosts/protocol.sh"
need_python
need_strace
file=$dir/file
: >"$file"

for mode in bare shim; do
  start program under $mode "$python" "$hosts/locker.py"
  keeps_out $mode a ex
  keeps_out $mode r+ ex
  keeps_out $mode r sh
  heeds $mode a ex
  heeds $mode r+ sh
  heeds $mode r sh
  ended program
done

asks() { # MODE: sets `got`
  start program traced "$dir/log" under "$1" "$python" "$hosts/locker.py"
  is "$1: opens" "$(ask program "open $file r+")" ok
  is "$1: sh, ex" "$(ask program 'flock sh'), $(ask program 'flock ex nb')" 'ok, ok'
  ended program
  got=$(asked "$dir/log" "$file")
}
asks bare
is 'bare: asked' "$got" 'flock LOCK_SH,flock LOCK_EX'
asks shim
is 'shim: asked' "${got//LKW /LK }" 'F_OFD_SETLK F_RDLCK,F_OFD_SETLK F_WRLCK'
finish
