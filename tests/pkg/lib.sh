# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What these tests share, over the host tests' own; sourced by bash. Wants BUILD, SOURCE and VERSION.
# shellcheck source=tests/hosts/lib.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/../hosts/lib.sh"
: "${BUILD:?a build directory}" "${SOURCE:?the sources}" "${VERSION:?the version}"
PATH=$PATH:/usr/sbin:/sbin
root=$dir/root

# make_deb: sets `package` to one made of the build.
make_deb() {
  need cpack dpkg-deb dpkg-shlibdeps gzip
  [ -w "$BUILD" ] || skip "the build tree is somebody else's"
  is 'cpack makes a package' "$(run_quietly cpack -G DEB --config "$BUILD/CPackConfig.cmake" \
    -B "$dir/made")" 0
  package=$(echo "$dir"/made/*.deb)
}

# run_quietly CMD…: prints its exit status; what it said only where it failed.
run_quietly() {
  "$@" >"$dir/said" 2>&1 </dev/null
  local status=$?
  [ $status -eq 0 ] || sed 's/^/  said: /' "$dir/said" >&2
  echo $status
}

# dpkg_in_root ARGUMENT…: dpkg over `root`, with a database of its own.
dpkg_in_root() {
  if [ ! -d "$root/var/lib/dpkg" ]; then
    mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
    : >"$root/var/lib/dpkg/status"
  fi
  run_quietly dpkg --root="$root" --force-depends --force-confold "$@"
}

# in_root NAME: the file of that name.
in_root() {
  find "$root" -path "$1" -type f | sort | head -n 1
}
