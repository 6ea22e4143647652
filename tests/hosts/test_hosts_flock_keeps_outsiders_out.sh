#!/bin/bash
# SPDX-License-Identifier: MIT
# While a script holds a lock by flock(1), in any idiom, an outsider's POSIX or OFD lock is granted
# natively and refused under the shim; after it, both are free.
. "$(dirname "$0")/lib.sh"
. "$hosts/flock_idioms.sh"
need flock
file=$dir/file
: >"$file"

holds() { # MODE TYPE IDIOM
  start script under "$1" sh -c "$3" sh "$file" "$hold"
  is "$1: $3" "$(hear script), $(probe "$file")" "held, ${stands[$1-$2]}"
  tell script go
  ended script
  is "$1: after it" "$(until_free "$file")" "${stands[none]}"
}

for mode in bare shim; do
  for idiom in "${exclusive_idioms[@]}" "${impatient_idioms[@]}"; do
    holds $mode ex "$idiom"
  done
  for idiom in "${shared_idioms[@]}"; do
    holds $mode sh "$idiom"
  done
  start script under $mode sh -c 'exec 9>>"$1"; flock 9; flock -u 9; eval "$2"' sh "$file" "$hold"
  is "$mode: after flock -u" "$(hear script), $(probe "$file")" "held, ${stands[none]}"
  tell script go
  ended script
done
finish
