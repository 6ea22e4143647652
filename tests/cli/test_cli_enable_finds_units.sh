# SPDX-License-Identifier: MIT
# Units are found as systemd finds them: by directory, template, alias and mask, with the drop-ins that
# count.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enable_lib.sh"
echo 'ExecStart=/usr/bin/maild' | service
enable_lib_can_enter
system="$root/usr/lib/systemd/system"

named() { # NAME
  try "$LOCKSHIM" enable --root "$root" --library /lib/liblockshim.so -p /etc/lockshim/mail.conf \
    --dry-run "$1"
}

named maild.service
expect_status 0
named nothing
expect_status 2
expect_err "nothing.service: no such unit file"
named ''
expect_status 2
expect_err "is no name of a service"
printf '[Unit]\nDescription=none\n' >"$system/none.service"
named none
expect_status 2
expect_err "/usr/lib/systemd/system/none.service: no ExecStart= in a section [Service]"
mkfifo "$own/pipe.conf"
try timeout 60 "$LOCKSHIM" disable --root "$root" --dry-run maild
expect_status 0
tried=$(timeout 60 "$LOCKSHIM" enable --root "$root" --library /lib/liblockshim.so \
  -p /etc/lockshim/mail.conf --dry-run maild 2>&1) || fail "a pipe was waited for: $tried"
rm "$own/pipe.conf"
drop_in a.conf RootDirectory=/not-there
named maild
expect_status 2
expect_err "$root/not-there: cannot look inside: No such file or directory"
rm "$own/a.conf"
named ../maild
expect_status 2
expect_err "is no name of a service"

cp "$system/maild.service" "$system/mail@.service"
named mail@one
expect_status 0
expect_out "mail@one.service.d/lockshim.conf" "LOCKSHIM_SERVICE=mail@one"
named mail@
expect_status 2
expect_err "is a template"

# An alias: the file belongs to the real name. A link leads below the root.
ln -s /usr/lib/systemd/system/maild.service "$root/etc/systemd/system/smtp.service"
named smtp
expect_status 0
expect_out "/etc/systemd/system/maild.service.d/lockshim.conf" "LOCKSHIM_SERVICE=maild"
mkdir "$root/etc/systemd/system/smtp.service.d"
printf '[Service]\nUnsetEnvironment=LD_PRELOAD\n' >"$root/etc/systemd/system/smtp.service.d/zz.conf"
for name in maild smtp; do
  named $name
  expect_status 2
  expect_err "smtp.service.d/zz.conf:2: UnsetEnvironment=LD_PRELOAD: takes away"
done
rm -r "$root/etc/systemd/system/smtp.service.d"
ln -s mail@.service "$system/post@.service"
mkdir "$system/post@one.service.d"
printf '[Service]\nEnvironment=LD_PRELOAD=/post.so\n' >"$system/post@one.service.d/a.conf"
for name in mail@one post@one; do
  named $name
  expect_status 0
  expect_out "/mail@one.service.d/lockshim.conf" ":/post.so"
done
named mail@two
expect_not_in_out post.so
ln -s /dev/null "$root/etc/systemd/system/off.service"
named off
expect_status 2
expect_err "off.service: is masked"

# What the administrator has goes before what the package has; a reset empties a list.
echo 'Environment=LD_PRELOAD=/package.so' >>"$system/maild.service"
named maild
expect_out ":/package.so"
drop_in a.conf 'Environment='
named maild
expect_not_in_out "package.so"
mkdir -p "$system/maild.service.d"
printf '[Service]\nEnvironment=LD_PRELOAD=/hidden.so\n' >"$system/maild.service.d/a.conf"
named maild
expect_not_in_out "hidden.so"
mv "$system/maild.service.d/a.conf" "$system/maild.service.d/b.conf"
named maild
expect_out ":/hidden.so"
mkdir -p "$system/service.d"
printf '[Service]\nEnvironment=LD_PRELOAD=/every.so\n' >"$system/service.d/c.conf"
named maild
expect_out ":/every.so"

# Lines that go on, comments between them, and another section's keys.
cat >"$system/maild.service" <<'END'
[Service]
# Environment=LD_PRELOAD=/comment.so
Environment=A=b \
; LD_PRELOAD=/between.so
  LD_PRELOAD=/joined.so
ExecStart=/usr/bin/maild
[Install]
Environment=LD_PRELOAD=/install.so
END
rm -r "$system/service.d" "$system/maild.service.d" "$own/a.conf"
named maild
expect_out ":/joined.so"

# A script that systemd makes a unit of when it starts.
mkdir -p "$root/etc/init.d"
printf '#! /usr/bin/maild\n' >"$root/etc/init.d/old"
named old
expect_status 2
chmod +x "$root/etc/init.d/old"
named old
expect_status 0
expect_quiet
expect_out "/etc/systemd/system/old.service.d/lockshim.conf" "LOCKSHIM_SERVICE=old"
