#!/bin/bash
# SPDX-License-Identifier: MIT
# PHP's session files: two processes on one session take turns, natively and under the shim; an
# outsider's POSIX or OFD lock is heeded, and finds them, only under the shim.
. "$(dirname "$0")/lib.sh"
need php
need_strace
mkdir "$dir/sessions"

visitor() { # NAME MODE [WRAPPER…]
  local name=$1 mode=$2
  shift 2
  start "$name" "$@" under "$mode" php -d session.save_path="$dir/sessions" \
    -d session.save_handler=files "$hosts/session.php"
}

take_turns() { # MODE
  local id=turns$1
  local file=$dir/sessions/sess_$id
  visitor one "$1"
  visitor two "$1"
  is "$1: one is in" "$(ask one "start $id"), $(probe "$file")" "ok, ${stands[$1-ex]}"
  tell two "start $id"
  until_waiting "$file"
  is "$1: one leaves, two comes in" "$(ask one add), $(ask one close), $(hear two)" 'ok, ok, ok'
  is "$1: two reads" "$(ask two read), $(ask two close), $(probe "$file")" "1, ok, ${stands[none]}"
  tell one "many $id 300"
  tell two "many $id 300"
  is "$1: both count" "$(hear one), $(hear two)" 'ok, ok'
  is "$1: nothing is lost" "$(ask one "start $id"), $(ask one read)" 'ok, 601'
  ended one
  ended two
}

meets_outsiders() { # MODE
  local family id=outside$1
  local file=$dir/sessions/sess_$id
  : >"$file"
  visitor one "$1"
  for family in posix ofd; do
    outside "$file" $family ex
    tell one "start $id"
    let_in one "$1" "$file" ok
    is "$1: holds it" "$(probe "$file"), $(ask one close)" "${stands[$1-ex]}, ok"
  done
  ended one
}

asks() { # MODE REQUEST
  local id=asks$1
  visitor one "$1" traced "$dir/log"
  is "$1: in and out" "$(ask one "start $id"), $(ask one close)" 'ok, ok'
  ended one
  is "$1: asked" "$(asked "$dir/log" "$dir/sessions/sess_$id" | sed 's/LKW /LK /')" "$2"
}

for mode in bare shim; do
  take_turns $mode
  meets_outsiders $mode
done
asks bare 'flock LOCK_EX'
asks shim 'F_OFD_SETLK F_WRLCK'
finish
