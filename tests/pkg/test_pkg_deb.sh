#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian package: lintian has no complaint, it brings no script that runs and no unit, and what it
# unpacks works from where it lies. A policy that was edited stays.
. "$(dirname "$0")/lib.sh"
make_deb
[ "$(id -u)" -eq 0 ] || skip 'only root can install'

need lintian
is 'lintian' "$(run_quietly lintian --allow-root --fail-on error,warning "$package")" 0
is 'no script of the package runs' \
  "$(dpkg-deb -I "$package" | grep -cE '(preinst|postinst|prerm|postrm|triggers|config)')" 0
is 'the policy is a configuration file' "$(dpkg-deb -I "$package" conffiles)" \
  /etc/lockshim/policy.conf

is 'installs' "$(dpkg_in_root -i "$package")" 0
is 'brings no unit, and no preload' "$(find "$root" -name '*.service' -o -name 'ld.so.preload')" ''
said=$("$root/usr/bin/lockshim" version)
is 'finds its own library' "$(grep -cF "$root/usr/lib/" <<<"$said")" 1
for page in man1/lockshim.1 man5/lockshim.conf.5 man7/liblockshim.7; do
  is "$page" "$(gzip -t "$root/usr/share/man/$page.gz" && echo whole)" whole
done
for file in bash-completion/completions/lockshim zsh/vendor-completions/_lockshim \
  doc/lockshim/copyright lockshim/presets/irix.conf; do
  is "$file" "$([ -s "$root/usr/share/$file" ] && echo there)" there
done
# Each library has its keeper beside it, also by the names that other loaders look under.
while read -r library; do
  is "a keeper beside ${library#"$root"}" \
    "$([ -x "${library%/*}/lockshim/lockshim-keeper" ] && echo there)" there
done < <(find "$root" -name liblockshim.so)

need flock
: >"$dir/file"
is 'a program under it' "$(answer_of "$root/usr/bin/lockshim" run -o flock=ofd -- \
  flock "$dir/file" grep -q OFDLCK /proc/locks)" 0

echo '# mine' >"$root/etc/lockshim/policy.conf"
is 'installs again' "$(dpkg_in_root -i "$package")" 0
is 'the policy stays' "$(cat "$root/etc/lockshim/policy.conf")" '# mine'
is 'removes' "$(dpkg_in_root -r lockshim)" 0
is 'the policy stays' "$(cat "$root/etc/lockshim/policy.conf")" '# mine'
is 'nothing else does' "$(find "$root" -name '*lockshim*' -not -path "$root/var/*" \
  -not -path "$root/etc/lockshim")" ''
finish
