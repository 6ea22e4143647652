# SPDX-License-Identifier: MIT
# Sourced after lib.sh: a small system below `root` with a service, maild, that runs a dynamic program.
root="$here/root"
own="$root/etc/systemd/system/maild.service.d"
ours="$own/lockshim.conf"
mkdir -p "$root/etc/systemd/system" "$root/usr/lib/systemd/system" "$root/usr/bin" "$root/lib" \
  "$root/etc/lockshim" "$own"
chmod 755 "$work"
grep -E '^(root|nobody):' /etc/passwd >"$root/etc/passwd"
echo 'maild:x:1234:1234::/:/bin/false' >>"$root/etc/passwd"
printf 'root:x:0:\nmaild:x:1234:\n' >"$root/etc/group"
program "$root/usr/bin/maild"
stand_in "$root/lib/liblockshim.so"
printf '[rule all]\nflock = ofd\nopen-mode = reopen\n' | policy "$root/etc/lockshim/mail.conf"

# The service's own file; lines of [Service] on standard input.
service() {
  { printf '[Unit]\nDescription=mail\n[Service]\n' && cat; } >"$root/usr/lib/systemd/system/maild.service"
}

# Another's drop-in: NAME, lines of [Service].
drop_in() {
  printf '[Service]\n%s\n' "$2" >"$own/$1"
}

enable() { # OPTIONS…
  try "$LOCKSHIM" enable --root "$root" --library /lib/liblockshim.so -p /etc/lockshim/mail.conf \
    "$@" maild
}

enable_lib_can_enter() {
  "$LOCKSHIM" enable --root "$root" --library /lib/liblockshim.so -p /etc/lockshim/mail.conf \
    --dry-run maild 2>&1 | grep -q 'cannot look inside' && skip "no right to change the root"
  return 0
}
