#!/bin/bash
# SPDX-License-Identifier: MIT
# Directories, pipes and devices stay flock under the shim: a process without it still conflicts.
. "$(dirname "$0")/lib.sh"
need flock
need_strace
mkdir "$dir/room"
mkfifo "$dir/pipe"

stays() { # PATH SHELL-TEXT REQUEST
  traced "$dir/log" under shim sh -c "$2" sh "$1" </dev/null
  is "asked of $1: $2" "$(asked "$dir/log" "$1")" "$3"
}

stays "$dir/room" 'flock "$1" true' 'flock LOCK_EX'
stays "$dir/room" 'flock -sn "$1" true' 'flock LOCK_SH'
stays "$dir/room" 'exec 9<"$1"; flock -x 9' 'flock LOCK_EX'
stays "$dir/pipe" 'exec 9<>"$1"; flock -x 9' 'flock LOCK_EX'
stays "$dir/pipe" 'exec 9<>"$1"; flock -s 9' 'flock LOCK_SH'
stays /dev/null 'flock "$1" true' 'flock LOCK_EX'
stays /dev/null 'exec 9<"$1"; flock -s 9' 'flock LOCK_SH'

for mode in bare shim; do
  start script under $mode flock "$dir/room" sh -c 'echo held; read -r go'
  is "$mode holds the directory" "$(hear script), $(kinds "$dir/room")" 'held, FLOCK'
  is "bare flock -n beside $mode" "$(answer_of under bare flock -n "$dir/room" true)" 1
  is "shim flock -n beside $mode" "$(answer_of under shim flock -n "$dir/room" true)" 1
  tell script go
  ended script
done
finish
