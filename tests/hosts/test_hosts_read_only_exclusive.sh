#!/bin/bash
# SPDX-License-Identifier: MIT
# LOCK_EX through a descriptor opened to read: flock(1) on `exec 9<file`, which ends and leaves the
# lock to the script; perl and php. Native flock grants it, and so does the shim.
. "$(dirname "$0")/lib.sh"
need flock perl php
file=$dir/file
: >"$file"

programs=(
  'exec 9<"$1"; flock -x 9; echo held; read -r go; exec 9<&-; echo free; read -r go'
  'exec 9<"$1"; flock -x 9; echo held; read -r go; flock -u 9; echo free; read -r go'
  '( flock 9; echo held; read -r go ) 9<"$1"; echo free; read -r go'
  'flock "$1" sh -c "echo held; read -r go"; echo free; read -r go'
  'perl -e "\$|=1; use Fcntl qw(:flock); open F, q(<), shift; flock(F, LOCK_EX) or die; print qq(held\n); <STDIN>; flock(F, LOCK_UN); print qq(free\n); <STDIN>" "$1"'
  'perl -e "\$|=1; use Fcntl qw(:flock); open F, q(<), shift; flock(F, LOCK_EX) or die; print qq(held\n); <STDIN>; close F; print qq(free\n); <STDIN>" "$1"'
  'php -r "\$f = fopen(\$argv[1], \"r\"); flock(\$f, LOCK_EX) or exit(1); echo \"held\n\"; fgets(STDIN); fclose(\$f); echo \"free\n\"; fgets(STDIN);" "$1"'
)

for mode in bare shim; do
  for program in "${programs[@]}"; do
    start script under $mode sh -c "$program" sh "$file"
    is "$mode: $program" "$(hear script), $(probe "$file")" "held, ${stands[$mode-ex]}"
    is "$mode: another is refused" \
      "$(answer_of under $mode flock -n "$file" true)" 1
    tell script go
    is "$mode: lets go" "$(hear script), $(until_free "$file")" "free, ${stands[none]}"
    tell script go
    ended script
  done
done
finish
