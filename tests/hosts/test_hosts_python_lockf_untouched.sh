#!/bin/bash
# SPDX-License-Identifier: MIT
# A policy about flock leaves python's fcntl.lockf a POSIX lock, asked of the kernel as it was but
# first without waiting (it could be the program's own flock that is waited for), owned by the process and lost when the process closes another descriptor of the file.
. "$(dirname "$0")/lib.sh"
need_python
need_strace
declare -A first=([bare]='' [shim]='F_SETLK F_RDLCK,')
file=$dir/file
: >"$file"

for mode in bare shim; do
  start program traced "$dir/log" under $mode "$python" "$hosts/locker.py"
  is "$mode: ex" "$(ask program "open $file r+"), $(ask program 'lockf ex nb')" 'ok, ok'
  is "$mode: is POSIX" "$(kinds "$file"), $(probe "$file")" "POSIX, ${stands[shim-ex]}"
  is "$mode: un" "$(ask program 'lockf un'), $(probe "$file")" "ok, ${stands[none]}"
  outside "$file" ofd ex
  is "$mode: refused" "$(ask program 'lockf ex nb')" EAGAIN
  tell program 'lockf sh'
  until_waiting "$file"
  let_go
  is "$mode: sh" "$(hear program), $(probe "$file")" "ok, ${stands[shim-sh]}"
  is "$mode: a second open loses it" "$(ask program "open $file r"), $(kinds "$file")" 'ok, '
  ended program
  is "$mode: asked" "$(asked "$dir/log" "$file")" \
    "F_SETLK F_WRLCK,${first[$mode]}F_SETLKW F_RDLCK"
done
finish
