# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What a program that speaks the outsider's protocol (locker.pl, locker.py) must show with flock:
# natively no word with POSIX and OFD, under the shim exclusion both ways. Sourced after lib.sh.

# keeps_out MODE OPEN-MODE ex|sh: `program` takes it and the outsider finds it.
keeps_out() {
  is "$1 opens $2" "$(ask program "open $file $2")" ok
  is "$1 takes $3 on $2" "$(ask program "flock $3"), $(probe "$file")" "ok, ${stands[$1-$3]}"
  is "$1 lets go of $3" "$(ask program 'flock un nb'), $(probe "$file")" "ok, ${stands[none]}"
  is "$1 takes $3 on $2 again" "$(ask program "flock $3 nb"), $(probe "$file")" \
    "ok, ${stands[$1-$3]}"
  is "$1 closes" "$(ask program close), $(until_free "$file")" "ok, ${stands[none]}"
}

# heeds MODE OPEN-MODE ex|sh: `program` asks while the outsider holds ex, first without waiting.
heeds() {
  local family refusal=ok
  [ "$1" = bare ] || refusal=EAGAIN
  for family in posix ofd; do
    outside "$file" $family ex
    is "$1 opens $2" "$(ask program "open $file $2")" ok
    is "$1 asks $3 beside $family" "$(ask program "flock $3 nb")" $refusal
    is "$1 drops it" "$(ask program 'flock un')" ok
    tell program "flock $3"
    let_in program "$1" "$file" ok
    is "$1 holds $3" "$(probe "$file")" "${stands[$1-$3]}"
    is "$1 closes" "$(ask program close)" ok
  done
}

# changes MODE: EX to SH is never refused; SH to EX beside a reader is, and has lost the SH.
changes() {
  local answers
  is "$1 opens" "$(ask program "open $file +<")" ok
  is "$1 ex, sh" "$(ask program 'flock ex'), $(ask program 'flock sh nb')" 'ok, ok'
  is "$1 holds sh" "$(probe "$file")" "${stands[$1-sh]}"
  if [ "$1" = shim ]; then
    outside "$file" posix sh
    answers="$(ask program 'flock ex nb'), $(ask outsider 'posix ex nb')"
    is "$1 sh to ex beside a reader" "$answers" 'EAGAIN, ok'
    let_go
  fi
  is "$1 closes" "$(ask program close)" ok
}
