# SPDX-License-Identifier: MIT
# A service that could not work with the library is left as it is: each refusal names file, line and
# remedy, and what is harmless is none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enable_lib.sh"
place=/etc/systemd/system/maild.service.d/a.conf:2
echo 'ExecStart=/usr/bin/maild' | service
enable_lib_can_enter

fine() { # SETTING
  drop_in a.conf "$1"
  enable --dry-run
  expect_status 0
  expect_quiet
}
warned() { # SETTING TEXT
  drop_in a.conf "$1"
  enable --dry-run
  expect_status 0
  expect_err "$place: $1: warning: " "$2"
}
refused() { # SETTING TEXT…
  drop_in a.conf "$1"
  shift
  enable
  expect_status 2
  expect_err "$@"
  [ ! -e "$ours" ] || fail "written all the same"
}

for setting in MemoryDenyWriteExecute=yes NoNewPrivileges=yes SecureBits=keep-caps \
  ProtectSystem=strict ProtectHome=yes PrivateTmp=yes RestrictNamespaces=yes \
  SystemCallFilter=@system-service 'SystemCallFilter=~@mount' 'ReadOnlyPaths=/etc /lib' \
  UnsetEnvironment=PATH; do
  fine "$setting"
done
fine 'SystemCallFilter=@basic-io @file-system'
fine "SystemCallFilter=~@file-system
SystemCallFilter=@file-system"
fine 'NoExecPaths=/
ExecPaths=/lib /usr/bin'
warned ProcSubset=pid "upgrade = atomic sees no sign"
warned ProtectProc=invisible "cycles with them are not found"

# System calls.
refused SystemCallFilter=@basic-io "$place: SystemCallFilter=@basic-io: keeps out fcntl" \
  "the service is killed for it" "SystemCallFilter=fcntl openat statx in a drop-in"
refused 'SystemCallFilter=~fcntl' "keeps out fcntl (converted locks), and the service is killed"
refused 'SystemCallFilter=~fcntl:EPERM statx' "SystemCallFilter=fcntl statx in a drop-in"
refused "SystemCallErrorNumber=EPERM
SystemCallFilter=~@file-system" "and locks fail"
refused "SystemCallFilter=@system-service
SystemCallFilter=~fcntl" "maild.service.d/a.conf:3: SystemCallFilter=~fcntl: keeps out fcntl"
printf '[rule all]\nflock = both\n' | policy "$root/etc/lockshim/mail.conf"
refused 'SystemCallFilter=~@process flock' "clone (keepers; open-mode = reopen or fail has none)" \
  "flock (flock = both)"
printf '[rule all]\nflock = ofd\nopen-mode = reopen\n' | policy "$root/etc/lockshim/mail.conf"

# What the service does not see.
refused RootImage=/image.raw "$place: RootImage=/image.raw: the library is not to be seen"
refused 'InaccessiblePaths=/etc/lockshim' "hides the policy, /etc/lockshim/mail.conf" \
  "BindReadOnlyPaths=/etc/lockshim/mail.conf shows it"
refused 'TemporaryFileSystem=/lib' "hides the library, /lib/liblockshim.so"
refused NoExecPaths=/ "could not map /lib/liblockshim.so as code; ExecPaths=/lib/liblockshim.so"
mkdir -p "$root/usr/share" "$root/opt/lib" "$root/opt/lockshim"
refused BindPaths=/usr/share:/lib "$place: BindPaths=/usr/share:/lib: puts /usr/share/liblockshim.so in" \
  "place of the library, /lib/liblockshim.so, and that is not there"
refused 'BindReadOnlyPaths=/opt:/etc' "puts /opt/lockshim/mail.conf in place of the policy"
fine 'BindPaths=/lib /etc:/etc -/nowhere:/lib'
cp "$root/lib/liblockshim.so" "$root/opt/lib/"
fine BindReadOnlyPaths=/opt/lib/:/lib
fine 'BindPaths=/usr/share:/lib /opt/lib/liblockshim.so:/lib/liblockshim.so:norbind'
cp "$root/etc/lockshim/mail.conf" "$root/opt/lockshim/"
drop_in a.conf BindReadOnlyPaths=/opt:/etc
enable --dry-run
expect_status 0
expect_err "/etc/lockshim/mail.conf: warning: comes by a bind mount, and is not looked at"
mkdir "$root/jail"
refused RootDirectory=/jail "/lib/liblockshim.so: the service cannot read the library" \
  "/etc/lockshim/mail.conf"
cp -a "$root/lib" "$root/etc" "$root/usr" "$root/jail/"
warned RootDirectory=/jail "have to be kept up to date in it"

# A library that the loader would go on without.
rm "$own/a.conf"
: >"$root/lib/empty.so"
echo 'not an object, whatever its name' >"$root/lib/text.so"
mkdir "$root/lib/directory.so"
head -c 20 "$root/lib/liblockshim.so" >"$root/lib/cut.so"
for name in empty text directory cut; do
  try "$LOCKSHIM" enable --root "$root" --library "/lib/$name.so" -p /etc/lockshim/mail.conf maild
  expect_status 2
  expect_err "/lib/$name.so: "
done
expect_err "is no ELF object, and the loader would go on without it"

# The environment.
refused UnsetEnvironment=LD_PRELOAD "takes away what the library needs"
rm "$own/a.conf"
drop_in z.conf 'Environment=LOCKSHIM_SET=flock=pass'
enable
expect_status 2
expect_err "z.conf:2: Environment=LOCKSHIM_SET=flock=pass: goes over lockshim.conf"
drop_in z.conf 'Environment='
enable
expect_status 2
expect_err "empties the environment behind lockshim.conf"
rm "$own/z.conf"
printf 'A=b\nLD_PRELOAD=/other.so\n' >"$root/etc/default"
refused 'EnvironmentFile=-/etc/default' "/etc/default:2: sets LD_PRELOAD"

# The policy, as the service's own user has it.
try "$LOCKSHIM" enable --root "$root" --library /lib/liblockshim.so -p /etc/lockshim/no.conf maild
expect_status 2
expect_err "/etc/lockshim/no.conf: "
rm "$own/a.conf"
printf '[rule all]\nflock = odf\n' | policy "$root/etc/lockshim/mail.conf"
enable
expect_status 2
expect_err "/etc/lockshim/mail.conf:2:9: " "every call of the service would pass"
printf '[rule all]\nservice = web\nflock = ofd\n' | policy "$root/etc/lockshim/mail.conf"
enable --dry-run
expect_status 0
expect_err "no rule is for service maild"
printf '[rule all]\nflock = ofd\nopen-mode = reopen\n' | policy "$root/etc/lockshim/mail.conf"
if [ "$(id -u)" -eq 0 ]; then
  fine User=maild
  fine DynamicUser=yes
  chmod 600 "$root/etc/lockshim/mail.conf"
  fine User=root
  refused User=maild "/etc/lockshim/mail.conf: may not be read by this user"
  chown 0:1234 "$root/etc/lockshim/mail.conf"
  chmod 640 "$root/etc/lockshim/mail.conf"
  fine User=maild
  fine "DynamicUser=yes
SupplementaryGroups=maild"
  refused DynamicUser=yes "may not be read"
fi
