# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The ways shell scripts use flock(1), as text for `sh -c TEXT sh FILE DO`: DO is what the script
# does while it holds the lock. Grouped by what they take.
exclusive_idioms=(
  'flock "$1" sh -c "$2"'
  'flock -x "$1" -c "$2"'
  'flock -e "$1" sh -c "$2"'
  'flock -w 600 "$1" sh -c "$2"'
  'flock -F "$1" sh -c "$2"'
  'flock -o "$1" sh -c "$2"'
  '( flock 9; eval "$2" ) 9>"$1"'
  '( flock -x 9; eval "$2" ) 9>>"$1"'
  'exec 9>>"$1"; flock -x 9; eval "$2"'
  'exec 9<>"$1"; flock 9; eval "$2"'
  'exec 9>>"$1"; flock 9; flock -u 9; flock 9; eval "$2"'
  # The script ends at once; the child it leaves behind inherited the lock.
  'exec 9>>"$1"; flock 9; exec 3<&0; eval "$2" <&3 & exit'
)
shared_idioms=(
  'flock -s "$1" sh -c "$2"'
  '( flock -s 9; eval "$2" ) 9<"$1"'
  'exec 9<>"$1"; flock --shared 9; eval "$2"'
)
impatient_idioms=(
  'flock -n "$1" sh -c "$2"'
  'flock --nonblock --exclusive "$1" -c "$2"'
  '( flock -n 9 || exit 1; eval "$2" ) 9>"$1"'
  'exec 9<>"$1"; flock -x -n 9 && eval "$2"'
)
hold='echo held; read -r go'
