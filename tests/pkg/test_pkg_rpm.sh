#!/bin/bash
# SPDX-License-Identifier: MIT
# The RPM: of a build in the layout of RPM systems, without scripts, with the policy as a configuration
# file that stays, and with what it unpacks at work.
. "$(dirname "$0")/lib.sh"
need cmake ninja cpack rpmbuild rpm2archive flock

is 'a build of that layout' "$(run_quietly cmake -S "$SOURCE" -B "$dir/build" -G Ninja \
  -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_SYSCONFDIR=/etc \
  -DCMAKE_INSTALL_LIBDIR=lib64 -DLOCKSHIM_LIBDIR32=lib -DBUILD_TESTING=OFF)" 0
is 'is made' "$(run_quietly cmake --build "$dir/build" -j 2)" 0
is 'cpack makes a package' "$(run_quietly cpack -G RPM --config "$dir/build/CPackConfig.cmake" \
  -B "$dir/made")" 0
package=$(echo "$dir"/made/*.rpm)
of_package() {
  rpm --dbpath "$dir/rpmdb" -qp "$package" "$@"
}

is 'no scripts' "$(of_package --scripts)" ''
is 'the policy is a configuration file' "$(of_package -c)" /etc/lockshim/policy.conf
is 'it may be edited' "$(of_package --qf '[%{FILENAMES} %{FILEFLAGS:fflags}\n]' |
  grep policy.conf)" '/etc/lockshim/policy.conf cn'
is 'needs no 32-bit libc' "$(of_package --requires | grep -c '^libc.so.6$')" 0
is 'takes no directory of the system' \
  "$(of_package -l | grep -cxE '/usr/(lib|lib64|share/man|share/man/man[1-8]|share/zsh)')" 0
mkdir "$root"
is 'unpacks' "$(run_quietly rpm2archive "$package") $(run_quietly tar xzf "$package.tgz" -C "$root")" '0 0'
: >"$dir/file"
is 'a program under it' "$(answer_of "$root/usr/bin/lockshim" run -o flock=ofd \
  --library "$root/usr/lib64/liblockshim.so" -- flock "$dir/file" grep -q OFDLCK /proc/locks)" 0
is 'of the layout' "$("$root/usr/bin/lockshim" version | grep -cF "$root/usr/lib64/liblockshim.so")" 1

# A build of Debian's layout is no RPM.
is 'another layout is refused' "$(cpack -G RPM --config "$BUILD/CPackConfig.cmake" \
  -B "$dir/wrong" 2>&1 | grep -c 'an RPM wants another layout')" 1
finish
