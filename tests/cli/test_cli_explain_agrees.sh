# SPDX-License-Identifier: MIT
# What explain says of LOCK_EX is what a preloaded program does, by the kernel's own word.
. "$(dirname "$0")/lib.sh"
command -v flock >/dev/null || skip "no flock(1)"
[ -z "$SANITIZER_RUNTIME" ] || export LD_PRELOAD="$SANITIZER_RUNTIME:$LIBRARY"
mkdir tree
: >file
: >tree/file
type=$(findmnt -n -o FSTYPE -T . 2>/dev/null || stat -f -c %T .)

explained() {
  env -u LD_PRELOAD "$LOCKSHIM" explain -p "$1" --program flock --call flock-ex "$2" |
    sed -n 's/^flock LOCK_EX  *//p'
}

# Locks a descriptor of the file as flock(1) does, and asks the kernel what is held through it.
done_by_shim() {
  mode='<>'
  case $2 in /* | tree) mode='<' ;; esac
  "$LOCKSHIM" run -p "$1" -- sh -c \
    "exec 9$mode \"\$1\"; flock -x 9 || exit 1; cat /proc/\$\$/fdinfo/9" \
    sh "$2" 2>"$work/err" >"$work/info" || {
    echo refused
    return
  }
  sed -n 's/^lock:.*: \([A-Z]*\) .*/\1/p' "$work/info" | sort | paste -sd +
}

agrees() {
  says=$(explained "$1" "$2")
  does=$(done_by_shim "$1" "$2")
  tried="lock $2 under $(cat "$1")"
  case $says in
  "OFD write lock"*) expected=OFDLCK ;;
  "flock LOCK_EX, then OFD write lock"*) expected=FLOCK+OFDLCK ;;
  unchanged*) expected=FLOCK ;;
  success*) expected='' ;;
  E[A-Z]*) expected=refused ;;
  *) fail "explain says: $says" ;;
  esac
  [ "$does" = "$expected" ] || fail "explain says '$says', the program did '$does'"
}

number=0
for rule in "flock = ofd" "flock = fail" "flock = pass" "flock = succeed
unsafe = yes" "flock = ofd
shadow = yes" "filesystem = $(stat -c %m .)
flock = ofd" "filesystem = /proc
flock = ofd" "path = $here/tree/**
flock = ofd" "fstype = $type
flock = ofd" "fstype = !$type
flock = ofd" "program = flock
flock = ofd" "program = /no-such/*
flock = ofd" "flock = both" "user = $(id -un)
flock = ofd" "service = x
flock = ofd"; do
  number=$((number + 1))
  printf '[rule x]\n%s\n' "$rule" | policy "$number.conf"
  try "$LOCKSHIM" check "$number.conf"
  expect_status 0
  agrees "$number.conf" file
  agrees "$number.conf" tree/file
done
for object in tree /dev/null /proc/version; do
  agrees 1.conf "$object"
  agrees 2.conf "$object"
done
[ "$number" -eq 15 ] || fail "ran $number rules"
