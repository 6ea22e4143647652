#!/bin/bash
# SPDX-License-Identifier: MIT
# perl's flock, on files opened to append and to read and write: with POSIX and OFD outsiders
# natively no word, under the shim exclusion both ways; two readers that both upgrade get through.
. "$(dirname "$0")/lib.sh"
. "$hosts/protocol.sh"
need perl
file=$dir/file
: >"$file"

both_upgrade() { # MODE
  start other under "$1" perl "$hosts/locker.pl"
  is "$1: both open" "$(ask program "open $file +<"), $(ask other "open $file +<")" 'ok, ok'
  is "$1: both read" "$(ask program 'flock sh'), $(ask other 'flock sh')" 'ok, ok'
  tell program 'flock ex'
  until_waiting "$file"
  tell other 'flock ex'
  sooner program other
  is "$1: one holds it" "$(probe "$file")" "${stands[$1-ex]}"
  is "$1: then the other" "$(ask "$first" 'flock un'), $(hear "$second")" 'ok, ok'
  is "$1: both close" "$(ask program close), $(ask other close)" 'ok, ok'
  ended other
}

for mode in bare shim; do
  start program under $mode perl "$hosts/locker.pl"
  keeps_out $mode '>>' ex
  keeps_out $mode '+<' ex
  keeps_out $mode '+<' sh
  keeps_out $mode '<' sh
  keeps_out $mode '<' ex
  heeds $mode '>>' ex
  heeds $mode '+<' ex
  heeds $mode '+<' sh
  heeds $mode '<' sh
  heeds $mode '<' ex
  changes $mode
  both_upgrade $mode
  ended program
done

finish
