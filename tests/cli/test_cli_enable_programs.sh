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

# env on the way, and each command of a line.
cp "$root/usr/bin/maild" "$root/usr/bin/env"
for line in 'env -i /usr/bin/maild' 'env - /usr/bin/maild' 'env -u LD_PRELOAD /usr/bin/maild' \
  'env --unset=LOCKSHIM_POLICY maild' 'env -uLD_PRELOAD maild' 'env A=b LD_PRELOAD= /usr/bin/maild' \
  'env env LOCKSHIM_SET=flock=pass maild' 'maild ; /usr/bin/env -i maild'; do
  starts "/usr/bin/$line"
  expect_status 2
  expect_err "/usr/lib/systemd/system/maild.service:4: " "take it out of the line"
done
for line in '/usr/bin/env A=b -u HOME -C / /usr/bin/maild -i' '@/usr/bin/env env maild' \
  '/usr/bin/maild \; /usr/bin/env -i' '/usr/bin/env A=b'; do
  starts "$line"
  expect_status 0
  expect_not_in_err "take it out"
done

program "$root/usr/bin/static" -static
for line in 'env A=b /usr/bin/static' 'maild ; /usr/bin/static' 'maild a;b ; -/usr/bin/static ;'; do
  starts "/usr/bin/$line"
  expect_status 2
  expect_err "maild.service:4: /usr/bin/static is statically linked"
done
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
