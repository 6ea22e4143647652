# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What these tests share, over the host tests' own; sourced by bash with the mode as $1: `bare`, or
# what `as` knows. Wants LOCKSHIM, the command, and SUITES_OUT, a directory to keep.
suites=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/hosts/lib.sh
. "$suites/../hosts/lib.sh"
: "${LOCKSHIM:?names the command}" "${SUITES_OUT:?names a directory}"
mode=${1:?bare, or what flock becomes}
PATH=$suites:$PATH

# knows KEY VALUE: whether this build has that value.
knows() {
  "$LOCKSHIM" check --keys |
    awk -F '\t' -v key="$1" -v value="$2" '
      $1 == key { n = split($3, word, / \| /); for (i = 1; i <= n; i++) found += word[i] == value }
      END { exit !found }'
}

# A build without it is no machine without a program: nothing is missing that could be installed.
declare -A wants=([posix]='flock posix' [ofd]='flock ofd' [both]='flock both' [fcntl]='fcntl ofd'
  [ofd_fcntl]='fcntl ofd' [asked]='ofd posix')
# shellcheck disable=SC2086 # a key and a value
if [ "$mode" != bare ] && ! knows ${wants[$mode]}; then
  echo "skipped: ${wants[$mode]} is not in this build"
  exit 77
fi

# need_package PATH PACKAGE: a file that it installs.
need_package() {
  [ -e "$1" ] || skip "$2 is not installed"
}

# families CMD…: the lock calls of a program that takes nothing but flock, as they reach the kernel,
# each once and granted. What passes as well without the shim proves nothing of the shim.
families() {
  (cd "$dir" && exec as "$mode" traced "$dir/calls" "$@") >/dev/null 2>&1 </dev/null
  sed -nE 's/.*(flock)\([^,]*, LOCK_(SH|EX)(\|LOCK_NB)?\) += 0/\1/p
    s/.*F_(OFD_)?SETLKW?, .*F_(RD|WR)LCK.* = 0/\1posix/p' \
    "$dir/calls" | sort -u | paste -sd' '
}
declare -A asked_by=([bare]=flock [ofd]=OFD_posix [posix]=posix [both]='OFD_posix flock'
  [fcntl]=flock [ofd_fcntl]=OFD_posix [asked]=flock)
# The same for one that takes nothing but fcntl.
declare -A asked_by_fcntl=([bare]=posix [ofd]=posix [posix]=posix [both]=posix [fcntl]=OFD_posix
  [ofd_fcntl]=OFD_posix [asked]=posix)
