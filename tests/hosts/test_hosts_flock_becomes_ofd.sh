#!/bin/bash
# SPDX-License-Identifier: MIT
# What the kernel is asked when scripts use flock(1): natively flock, under the shim only OFD
# locks, blocking as the script asked.
. "$(dirname "$0")/lib.sh"
. "$hosts/flock_idioms.sh"
need flock
need_strace
file=$dir/file
: >"$file"

asks() { # MODE IDIOM: sets `got`
  traced "$dir/log" under "$1" sh -c "$2" sh "$file" : </dev/null
  got=$(asked "$dir/log" "$file")
}

# flock(1) opens FILE to read. What holds its LOCK_EX then reads three bytes behind the end of any
# file; "none" where that is not to be expected.
marks='F_OFD_SETLK F_RDLCK'

becomes() { # LOCK_TYPE F_TYPE IDIOM
  asks bare "$3"
  is "bare: $3" "$got" "flock $1"
  asks shim "$3"
  is "shim: $3" "$(tr , '\n' <<<"$got" | sed 's/LKW /LK /' | grep -vx "$marks" | sort -u)" \
    "F_OFD_SETLK $2"
}

for idiom in "${exclusive_idioms[@]}" "${impatient_idioms[@]}"; do
  becomes LOCK_EX F_WRLCK "$idiom"
done
marks=none
for idiom in "${shared_idioms[@]}"; do
  becomes LOCK_SH F_RDLCK "$idiom"
done

# Waiting is left to the kernel: one blocking request, and none where the script would not wait.
outside "$file" posix ex
start script traced "$dir/log" under shim flock "$file" true
until_waiting "$file"
let_go
ended script
is 'shim: flock, contended' "$(asked "$dir/log" "$file" | grep -o 'F_OFD_SETLKW F_WRLCK')" \
  'F_OFD_SETLKW F_WRLCK'
outside "$file" posix ex
asks shim 'flock -n "$1" true'
is 'shim: flock -n, contended' "$got" 'F_OFD_SETLK F_WRLCK'
let_go
finish
