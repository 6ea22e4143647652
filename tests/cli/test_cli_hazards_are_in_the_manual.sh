# SPDX-License-Identifier: MIT
# A hazard has one name: what check prints, what the library says and what the manual explains.
. "$(dirname "$0")/lib.sh"
page=${MANUAL:-}/lockshim.conf.5
[ -e "$page" ] || skip "no manual page was made"
: >file

# The first cell of each row of the table in HAZARDS, its head left out.
sed -n '/^\.SH HAZARDS/,/^\.TE/p' "$page" | sed 's/\\//g' |
  awk '/^(T}\t)?T[{]$/ && !/^T}/ { getline; print }' | grep -v '^fBname' | sort >explained
[ "$(wc -l <explained)" -ge 10 ] || fail "the manual's table was not read"

printf '[rule a]\npath = /srv/**\nflock = posix\nofd = posix\n[rule b]\nflock = both\nfcntl = ofd\n' |
  policy all.conf
try "$LOCKSHIM" check all.conf
sed -n 's/.* hazard \([a-z-]*\): .*/\1/p' "$work/err" | sort -u >printed
[ "$(wc -l <printed)" -eq 8 ] || fail "expected eight hazards of check"
comm -13 explained printed >"$work/out"
[ ! -s "$work/out" ] || fail "printed by check, not in the manual"

sed -n 's/.*\[HAZARD_[A-Z_]*\] = { "\([a-z-]*\)",.*/\1/p' "${SOURCE:?}/shim/hazard.c" | sort >said
comm -3 explained said >"$work/out"
[ ! -s "$work/out" ] || fail "in the manual alone, or in the library alone (indented)"
