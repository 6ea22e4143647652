# SPDX-License-Identifier: MIT
# Under the preset irix flock, lockf and fcntl keep each other out, whoever comes first and whether
# or not who takes lockf or fcntl has the library. Natively flock meets neither.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
[ -z "$SANITIZER_RUNTIME" ] || skip "python3 is not built with the sanitizer's runtime"
locker=${SOURCE:?}/tests/cli/locker.py
cp "$SOURCE/examples/presets/irix.conf" .
printf 'include = %s/irix.conf\n' "$here" | policy policy.conf
: >file
mkfifo in out
: >"$work/out"

locker() { # HOW FAMILY [hold]
  how=$1 family=$2
  shift 2
  case $how in
  shim) "$LOCKSHIM" run -p "$here/policy.conf" -- python3 "$locker" "$family" file "$@" ;;
  bare) python3 "$locker" "$family" file "$@" ;;
  esac
}

# One holds, another asks.
meet() { # HOLDER'S HOW FAMILY, ASKER'S HOW FAMILY, EXPECTED
  tried="$2 ($1) holds, $4 ($3) asks"
  locker "$1" "$2" hold <in >out 2>"$work/err" &
  exec 8>in 9<out
  read -r said <&9
  [ "$said" = held ] || fail "the holder said: $said"
  said=$(locker "$3" "$4" 8>&- 9<&-)
  [ "$said" = "$5" ] || fail "expected $5, not $said"
  exec 8>&- 9<&-
  wait
}

count=0
for holder in flock lockf fcntl; do
  for asker in flock lockf fcntl; do
    meet shim "$holder" shim "$asker" refused
    # A program without the library keeps its native flock, which is not meant here.
    [ "$asker" = flock ] || meet shim "$holder" bare "$asker" refused
    [ "$holder" = flock ] || meet bare "$holder" shim "$asker" refused
    count=$((count + 1))
  done
done
[ "$count" -eq 9 ] || fail "$count pairs"

# The kernel alone.
for other in lockf fcntl; do
  meet bare flock bare "$other" held
  meet bare "$other" bare flock held
done
meet bare lockf bare fcntl refused

command -v flock >/dev/null || exit 0
locker bare lockf hold <in >out &
exec 8>in 9<out
read -r said <&9
try "$LOCKSHIM" run -p "$here/policy.conf" -- flock -n file true
expect_status 1
try flock -n file true
expect_status 0
exec 8>&- 9<&-
wait
