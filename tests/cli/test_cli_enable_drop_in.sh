# SPDX-License-Identifier: MIT
# enable writes one file, the same each time, and disable removes that and nothing else.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enable_lib.sh"
service <<'END'
ExecStart=/usr/bin/maild \
  --foreground
Environment="LD_PRELOAD=/usr/lib/other.so" A=b
END
enable_lib_can_enter

enable --dry-run -o 'trace=all;log-to=/a b' -s 'two "words" 100%'
expect_status 0
expect_quiet
expect_text "# $ours
# Written by lockshim enable; lockshim disable removes it.
[Service]
Environment=\"LD_PRELOAD=/lib/liblockshim.so:/usr/lib/other.so\"
Environment=\"LOCKSHIM_SERVICE=two \\\"words\\\" 100%%\"
Environment=\"LOCKSHIM_POLICY=/etc/lockshim/mail.conf\"
Environment=\"LOCKSHIM_SET=trace=all; log-to=/a b\""
[ ! -e "$ours" ] || fail "a dry run wrote"

enable
expect_status 0
expect_text "$ours was written"
expect_quiet
[ "$(stat -c %a "$ours")" = 644 ] || fail "its mode is $(stat -c %a "$ours")"
cp "$ours" before
enable
expect_status 0
expect_out "is as it should be already"
cmp -s before "$ours" || fail "it was changed"
enable -o flock=both
expect_text "$ours was written"
grep -q '^Environment="LOCKSHIM_SET=flock=both"$' "$ours" || fail "not written anew"
[ "$(ls "$own")" = lockshim.conf ] || fail "left behind: $(ls "$own")"

# The file of another keeps its directory.
drop_in other.conf 'Nice=1'
try "$LOCKSHIM" disable --root "$root" --dry-run maild
expect_text "would remove $ours"
try "$LOCKSHIM" disable --root "$root" maild.service
expect_status 0
expect_text "$ours was removed"
[ "$(ls "$own")" = other.conf ] || fail "not there: other.conf"
try "$LOCKSHIM" disable --root "$root" maild
expect_status 0
expect_out "is not there: nothing to do"
rm "$own/other.conf"
enable
try "$LOCKSHIM" disable --root "$root" maild
[ ! -e "$own" ] || fail "an empty directory was left"

# One that somebody wrote by hand.
mkdir "$own"
drop_in lockshim.conf 'Nice=1'
enable
expect_status 1
expect_err "was not written by lockshim enable; move it away first"
try "$LOCKSHIM" disable --root "$root" maild
expect_status 1
expect_err "it stays"
grep -q Nice "$ours" || fail "another's file was changed"
rm "$ours"

# An interrupted or impossible write leaves no half of a file.
if [ "$(id -u)" -ne 0 ]; then
  chmod 555 "$own"
  enable
  expect_status 1
  [ -z "$(ls -A "$own")" ] || fail "left behind: $(ls -A "$own")"
  chmod 755 "$own"
fi

# A service that is gone can still be taken back.
enable
rm "$root/usr/lib/systemd/system/maild.service"
try "$LOCKSHIM" disable --root "$root" maild
expect_status 0
expect_out "was removed"
