# SPDX-License-Identifier: MIT
# The policy that is installed changes nothing, and each rule in its comments is one.
. "$(dirname "$0")/lib.sh"
sample=${SOURCE:?}/examples/policy.conf

cp "$sample" policy.conf
try "$LOCKSHIM" check --strict policy.conf
expect_status 0
expect_quiet
expect_text "$here/policy.conf: ok, 0 rules"

# Lines of "# key = value" and "# [rule NAME]" without their mark.
sed -n 's/^# \(\[rule .*\]\)$/\1/p; s/^# \([a-z-]* = .*\)$/\1/p' "$sample" >rules.conf
try "$LOCKSHIM" check rules.conf
expect_status 0
rules=$(grep -c '^\[rule' rules.conf)
[ "$rules" -ge 3 ] || fail "expected examples"
expect_text "$here/rules.conf: ok, $rules rules"
