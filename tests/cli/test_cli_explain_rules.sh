# SPDX-License-Identifier: MIT
# For each kind of match key: the rule that decides, and why the one before it does not.
. "$(dirname "$0")/lib.sh"
: >file
point=$(stat -c %m .)
type=$(findmnt -n -o FSTYPE -T . 2>/dev/null || stat -f -c %T .)
user=$(id -un)

# A rule with this line fits; one with that line does not, for this reason.
decided() {
  fits=$1
  misses=$2
  reason=$3
  shift 3
  printf '[rule misses]\n%s\nflock = fail\n[rule fits]\n%s\nflock = ofd\n' "$misses" "$fits" |
    policy rules.conf
  try "$LOCKSHIM" explain -p rules.conf "$@" file
  expect_status 0
  grep -q "^misses  *$here/rules.conf:1  *no: .*$reason" "$work/out" || fail "no reason: $reason"
  grep -q "^fits  *$here/rules.conf:4  *yes" "$work/out" || fail "the rule that fits"
  grep -q "^flock  *ofd  *$here/rules.conf:6" "$work/out" || fail "the action and its place"
  grep -q "^flock LOCK_EX  *OFD write lock" "$work/out" || fail "what the call becomes"
}

decided "filesystem = $point" "filesystem = $here" "filesystem = $here; here $point"
decided "path = $here/*" "path = /no-such/**" "path = /no-such/\*\*; here $here/file"
decided "fstype = $type" "fstype = no-such-fs" "fstype = no-such-fs; here $type"
decided "program = sh" "program = no-such" "program = no-such; here /" --program sh
decided "user = $user" "user = 12345" "user = 12345; here $user ("
decided "user = 12345" "user = $user" "user = $user; here 12345" --user 12345
decided "service = ma*" "service = web" "service = web; here mail" --service mail
decided "service = *, !web" "service = m*, !mail" "service = m\*, !mail; here mail" -s mail
decided "user = $user" "service = web" "here not set (--service)"
decided "user = $user" "program = web" "here not given (--program)"

LOCKSHIM_SERVICE=mail
export LOCKSHIM_SERVICE
decided "service = mail" "service = web" "service = web; here mail"

# The first that fits decides; later ones are not asked.
printf '[rule one]\nservice = mail\nflock = ofd\n[rule two]\nflock = fail\n' | policy two.conf
try "$LOCKSHIM" explain -p two.conf file
expect_out "one "
expect_not_in_out "two "

printf '[rule one]\nservice = web\nflock = ofd\n' | policy one.conf
try "$LOCKSHIM" explain -p one.conf file
grep -q '^(no rule)  *yes' "$work/out" || fail "no rule"
grep -q '^flock  *pass  *default' "$work/out" || fail "pass by default"
grep -q '^flock LOCK_EX  *unchanged$' "$work/out" || fail "unchanged"

# state-dir is the process's: by the first rule for it, whatever file that is for.
printf '[rule web]\nservice = web\nstate-dir = /run/web\n[rule other]\npath = /no-such/**\n%s' \
  'state-dir = /run/a b
[rule all]
flock = ofd
' | policy state.conf
try "$LOCKSHIM" explain -p state.conf file
grep -q "^state-dir  */run/a b  *$here/state.conf:6\$" "$work/out" || fail "the process's state-dir"
try "$LOCKSHIM" explain -p state.conf -o state-dir=/run/set file
grep -q "^state-dir  */run/set  *-o\$" "$work/out" || fail "the overlay's state-dir"
try "$LOCKSHIM" explain -p state.conf -s none -o flock=pass one.conf
grep -q "^state-dir  */run/a b" "$work/out" || fail "another file, the same state-dir"
try "$LOCKSHIM" explain -p one.conf file
expect_not_in_out state-dir
