# SPDX-License-Identifier: MIT
# What systemd itself makes of the drop-in, in its test mode, which starts nothing.
. "$(dirname "$0")/lib.sh"
systemd=/lib/systemd/systemd
[ -x "$systemd" ] || {
  [ -z "${TESTS_MUST_RUN:-}" ] || fail "systemd is not installed"
  skip "systemd is not installed"
}
. "$(dirname "$0")/enable_lib.sh"
printf 'ExecStart=/bin/true\nEnvironment=LD_PRELOAD=/usr/lib/other.so A=b\nProtectSystem=strict\n' |
  service
cp "$root/usr/bin/maild" "$root/true"
mkdir "$root/bin"
cp "$root/true" "$root/bin/true"
mkdir -m 700 "$root/srv"
enable_lib_can_enter
enable -o 'trace=all; log-to=/a "b" \c' -s '50%n of "it"' --trace /srv
expect_status 0

# Only its own user may ask, and root is sent away.
as_somebody=
[ "$(id -u)" -ne 0 ] || as_somebody='setpriv --reuid=65534 --regid=65534 --clear-groups'
export SYSTEMD_UNIT_PATH="$root/etc/systemd/system:$root/usr/lib/systemd/system:"
# shellcheck disable=SC2086
try timeout 60 $as_somebody "$systemd" --test --system --unit=maild.service
grep -q 'Unit maild.service' "$work/out" || skip "systemd does not run its test mode here"
awk '/-> Unit /{ here = /Unit maild.service/ } here' "$work/out" |
  sed -n 's/^[[:blank:]]*\(Environment: \|ReadWritePaths: \)/\1/p' >"$work/seen"
mv "$work/seen" "$work/out"
expect_text 'Environment: LD_PRELOAD=/lib/liblockshim.so:/usr/lib/other.so
Environment: A=b
Environment: LOCKSHIM_SERVICE=50%n of "it"
Environment: LOCKSHIM_POLICY=/etc/lockshim/mail.conf
Environment: LOCKSHIM_SET=trace=all; log-to=/a "b" \c
Environment: LOCKSHIM_TRACE=/srv
ReadWritePaths: /srv'

command -v systemd-analyze >/dev/null || exit 0
try systemd-analyze verify maild.service
expect_status 0
expect_not_in_err lockshim.conf
