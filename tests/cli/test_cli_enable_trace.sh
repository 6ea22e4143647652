# SPDX-License-Identifier: MIT
# --trace: the directory has to be one that the service can write, and is opened where only
# ProtectSystem= and its like close it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enable_lib.sh"
echo 'ExecStart=/usr/bin/maild' | service
enable_lib_can_enter
mkdir -p "$root/var/tmp" "$root/srv"
chmod 1777 "$root/var/tmp"

try_trace() { # DIR SETTINGS
  drop_in a.conf "$2"
  enable --dry-run --trace "$1"
}
try_trace /var/tmp/trace 'Nice=1'
expect_status 0
expect_quiet
expect_out 'Environment="LOCKSHIM_TRACE=/var/tmp/trace"'
expect_not_in_out ReadWritePaths
try_trace /var/tmp/trace PrivateTmp=yes
expect_status 2
expect_err "a.conf:2: PrivateTmp=yes: the service sees another /var/tmp/trace"
try_trace /srv/trace ProtectSystem=strict
expect_status 2
expect_err "make it: install -d -m 0700"
mkdir -m 700 "$root/srv/trace"
try_trace /srv/trace ProtectSystem=strict
expect_status 0
expect_out 'ReadWritePaths="/srv/trace"'
try_trace /srv/trace "ProtectSystem=strict
ReadWritePaths=/srv"
expect_status 0
expect_not_in_out 'ReadWritePaths="'
try "$LOCKSHIM" enable --root "$root" --trace srv/trace maild
expect_status 2
expect_err "absolute paths below it"

printf '[rule all]\nflock = ofd\nopen-mode = reopen\nlog = all\nlog-to = /srv/log\n' |
  policy "$root/etc/lockshim/mail.conf"
drop_in a.conf ProtectSystem=strict
enable --dry-run
expect_status 0
expect_err "a.conf:2: ProtectSystem=strict: warning: the policy's log-to, /srv/log, is not to be written"

[ "$(id -u)" -eq 0 ] || skip "needs root to be another user"
try_trace /srv/trace User=maild
expect_status 2
expect_err "install -d -m 0700 -o 1234 /srv/trace"
chown 1234 "$root/srv/trace"
try_trace /srv/trace User=maild
expect_status 0
