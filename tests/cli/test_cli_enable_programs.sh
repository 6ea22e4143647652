# SPDX-License-Identifier: MIT
# A program that no library can be preloaded into is refused, with the line that starts it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enable_lib.sh"
echo 'ExecStart=/usr/bin/maild' | service
enable_lib_can_enter

starts() { # ExecStart
  echo "ExecStart=$1" | service
  enable --dry-run
}
starts '-@/usr/bin/maild mail --foreground'
expect_status 0
expect_quiet
starts '/usr/bin/%N'
expect_status 0
expect_quiet
starts '/usr/bin/not-there'
expect_status 0
expect_err "maild.service:4: warning: /usr/bin/not-there: No such file or directory; not looked at"
cp "$root/usr/bin/maild" "$root/usr/bin/sudo"
starts '/usr/bin/sudo -u mail maild'
expect_status 0
expect_err "may hand on no LD_PRELOAD"

program "$root/usr/bin/static" -static
starts /usr/bin/static
expect_status 2
expect_err "/usr/lib/systemd/system/maild.service:4: /usr/bin/static is statically linked"
printf '#! /usr/bin/static\n' >"$root/usr/bin/script"
chmod +x "$root/usr/bin/script"
starts /usr/bin/script
expect_status 2
expect_err "/usr/bin/static is statically linked"

# Whose file it is decides only where that is not the service's user already, and may be had.
[ "$(id -u)" -eq 0 ] || skip "needs root to make a setuid program"
point=$(stat -c %m .)
if awk -v point="$point" '$5 == point' /proc/self/mountinfo | grep -q nosuid; then
  skip "mounted nosuid"
fi
cp "$root/usr/bin/maild" "$root/usr/bin/granted"
chmod u+s "$root/usr/bin/granted"
starts /usr/bin/granted
expect_status 0
starts '/usr/bin/granted
User=maild'
expect_status 2
expect_err "/usr/bin/granted is setuid or setgid: the loader ignores LD_PRELOAD"
starts '/usr/bin/granted
User=maild
NoNewPrivileges=yes'
expect_status 0
