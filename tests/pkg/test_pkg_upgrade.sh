#!/bin/bash
# SPDX-License-Identifier: MIT
# A process under the library of a package goes on while dpkg upgrades that package and removes it:
# its locks stay, and those that it takes later are converted as before.
. "$(dirname "$0")/lib.sh"
need_python
make_deb
[ "$(id -u)" -eq 0 ] || skip 'only root can install'
file=$dir/file other=$dir/other
: >"$file" >"$other"

# The next release: another version, and another text in each program.
mkdir "$dir/next"
dpkg-deb -R "$package" "$dir/next"
sed -i "s/^Version: .*/Version: $VERSION+next-1/" "$dir/next/DEBIAN/control"
while read -r program; do
  echo next >>"$program"
done < <(find "$dir/next" -name 'liblockshim.so' -type f -o -name lockshim-keeper -type f)
is 'a next package' "$(run_quietly dpkg-deb --root-owner-group -b "$dir/next" "$dir/next.deb")" 0

is 'installs' "$(dpkg_in_root -i "$package")" 0
library=$(in_root '*linux-gnu/liblockshim.so')
[ -n "$library" ] || library=$(in_root '*/liblockshim.so')
inode=$(stat -c %i "$library")
preloaded() { # NAME
  start "$1" env LD_PRELOAD="$library" LOCKSHIM_SET=flock=ofd \
    LOCKSHIM_POLICY="$LOCKSHIM_EMPTY_POLICY" "$python" "$hosts/locker.py"
}

# takes NAME WHEN: a lock that it holds itself, and one that a keeper holds; lets go of both.
takes() {
  is "$2: opens another file" "$(ask "$1" "open $other r+")" ok
  is "$2: its lock is converted" "$(ask "$1" 'flock ex nb'), $(probe "$other")" \
    "ok, ${stands[shim-ex]}"
  is "$2: and let go" "$(ask "$1" close), $(probe "$other")" "ok, ${stands[none]}"
  is "$2: opens it read-only" "$(ask "$1" "open $other r")" ok
  is "$2: asks for a keeper" "$(ask "$1" 'flock ex nb')" "$3"
  is "$2: closes" "$(ask "$1" close), $(until_free "$other")" "ok, ${stands[none]}"
}
keeps() { # WHEN
  is "$1: the lock is held" "$(probe "$file")" "${stands[shim-ex]}"
}

preloaded holder
is 'takes a lock' "$(ask holder "open $file r+"), $(ask holder 'flock ex')" 'ok, ok'
keeps installed
preloaded worker
takes worker installed ok

is 'upgrades' "$(dpkg_in_root -i "$dir/next.deb")" 0
is 'the library is another file' "$([ "$(stat -c %i "$library")" != "$inode" ] && echo yes)" yes
is 'the process has the old one' \
  "$(grep -cE "liblockshim.so.* \(deleted\)$" "/proc/${pid_of[worker]}/maps" | sed 's/[1-9].*/yes/')" yes
keeps upgraded
takes worker upgraded ok
preloaded later
takes later 'started after the upgrade' ok

is 'removes' "$(dpkg_in_root -r lockshim)" 0
is 'the library is gone' "$([ -e "$library" ] || echo gone)" gone
keeps removed
# Only the keeper's program is needed later: without it the answer is the documented one.
takes worker removed EBADF
is 'lets go' "$(ask holder 'flock un'), $(probe "$file")" "ok, ${stands[none]}"
for name in holder worker later; do
  ended $name
  is "$name ends well" "$status" 0
done
finish
