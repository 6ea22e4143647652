# SPDX-License-Identifier: MIT
# check prints how many rules there are, includes counted, or the error with its place.
. "$(dirname "$0")/lib.sh"

: >empty.conf
try "$LOCKSHIM" check empty.conf
expect_status 0
expect_text "$here/empty.conf: ok, 0 rules"
expect_quiet

mkdir parts
printf '[rule b]\nservice = b\nflock = ofd\n' | policy parts/b.conf
printf '[rule a]\nservice = a\nflock = ofd\n' | policy parts/a.conf
printf 'include = %s/parts/*.conf\n' "$here" | policy all.conf
try "$LOCKSHIM" check -p all.conf
expect_status 0
expect_text "$here/all.conf: ok, 2 rules"
try env LOCKSHIM_POLICY="$here/parts/a.conf" "$LOCKSHIM" check
expect_text "$here/parts/a.conf: ok, 1 rule"

# Several at once: each is said, the worst is the answer.
printf '[rule a]\nflock = odf\n' | policy broken.conf
try "$LOCKSHIM" check empty.conf broken.conf all.conf
expect_status 2
expect_out "empty.conf: ok" "all.conf: ok"
expect_err "lockshim: $here/broken.conf:2:9: "

try "$LOCKSHIM" check no-such.conf
expect_status 2
try "$LOCKSHIM" check -o flock=odf empty.conf
expect_status 2
expect_err "lockshim: -o:1:7: "
