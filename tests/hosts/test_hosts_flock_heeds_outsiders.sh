#!/bin/bash
# SPDX-License-Identifier: MIT
# While an outsider holds a POSIX or OFD lock, flock(1) is granted at once natively; under the shim
# it waits, in any idiom, until the outsider lets go, or is refused where it was told not to wait.
. "$(dirname "$0")/lib.sh"
. "$hosts/flock_idioms.sh"
need flock
file=$dir/file
: >"$file"

waits() { # MODE FAMILY IDIOM
  outside "$file" "$2" ex
  start script under "$1" sh -c "$3" sh "$file" "$hold"
  echo "$1, $2 ex outside: $3"
  let_in script "$1" "$file" held
  tell script go
  ended script
}

refused() { # MODE FAMILY IDIOM
  local wanted=0
  [ "$1" = bare ] || wanted=1
  outside "$file" "$2" ex
  is "$1, $2 ex outside: $3" "$(answer_of under "$1" sh -c "$3" sh "$file" true)" "$wanted"
  let_go
}

for family in posix ofd; do
  for mode in bare shim; do
    for idiom in "${exclusive_idioms[@]}" "${shared_idioms[@]}"; do
      waits $mode $family "$idiom"
    done
    for idiom in "${impatient_idioms[@]}"; do
      refused $mode $family "$idiom"
    done
  done
  outside "$file" $family sh
  is "shim, $family sh outside: flock -s" "$(answer_of under shim flock -sn "$file" true)" 0
  is "shim, $family sh outside: flock -x" "$(answer_of under shim flock -xn "$file" true)" 1
  let_go
done
finish
