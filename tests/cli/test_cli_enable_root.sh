# SPDX-License-Identifier: MIT
# With --root nothing outside that directory is read or written, wherever symbolic links lead.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enable_lib.sh"
echo 'ExecStart=/usr/bin/maild' | service
enable_lib_can_enter
outside="$here/outside"
mkdir "$outside"
inside="$root$outside"

# The directory of drop-ins is a link from the root on: it leads nowhere there.
rmdir "$own"
ln -s "$outside" "$own"
enable
expect_status 1
expect_err "$ours: "
[ -z "$(ls "$outside")" ] || fail "written outside: $(ls "$outside")"
mkdir -p "$inside"
enable
expect_status 0
[ -f "$inside/lockshim.conf" ] || fail "not written below the root"
[ -z "$(ls "$outside")" ] || fail "written outside: $(ls "$outside")"
cp "$inside/lockshim.conf" "$outside/"
try "$LOCKSHIM" disable --root "$root" maild
expect_status 0
[ ! -e "$inside/lockshim.conf" ] || fail "still there below the root"
[ -f "$outside/lockshim.conf" ] || fail "removed outside"

# So is a directory over it, and another's drop-ins outside do not count.
rm "$own" "$outside/lockshim.conf"
mv "$root/etc/systemd/system" "$root/units"
mkdir -p "$outside/maild.service.d"
printf '[Service]\nEnvironment=LD_PRELOAD=/outside.so\n' >"$outside/maild.service.d/a.conf"
ln -s "$outside" "$root/etc/systemd/system"
enable
expect_status 0
[ -f "$inside/maild.service.d/lockshim.conf" ] || fail "not written below the root"
grep -q outside.so "$inside/maild.service.d/lockshim.conf" && fail "read outside"
[ ! -e "$outside/maild.service.d/lockshim.conf" ] || fail "written outside"
rm "$root/etc/systemd/system"
ln -s ../../units "$root/etc/systemd/system"
enable
expect_status 0
[ -f "$root/units/maild.service.d/lockshim.conf" ] || fail "not written through a link of the root's own"

# The service's own root directory is one below the root as well.
mkdir -p "$inside/jail" "$outside/jail"
cp -a "$root/lib" "$root/usr" "$outside/jail/"
mkdir -p "$outside/jail/etc"
cp -a "$root/etc/lockshim" "$outside/jail/etc/"
ln -s "$outside/jail" "$root/jail"
drop_in a.conf RootDirectory=/jail
enable --dry-run
expect_status 2
expect_err "/lib/liblockshim.so: the service cannot read the library"
cp -a "$outside/jail/." "$inside/jail/"
enable --dry-run
expect_status 0

# A link in place of the file is somebody else's.
rm "$own/a.conf" "$ours"
cp "$root/etc/passwd" "$inside/file"
ln -s "$outside/file" "$ours"
enable
expect_status 1
expect_err "was not written by lockshim enable"
try "$LOCKSHIM" enable --root "$here/nowhere" maild
expect_status 2
expect_err "--root $here/nowhere: "
