#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: builds lockshim (or takes the build directory BUILD as it is) and runs session.sh
# on a real NFS server with two clients, in a machine of their own. What it prints is compared with
# expected.txt. Exit status 77: no machine can run here; the reason is on standard error.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

build_it() {
  build=$top/build/nfs-reader
  "$top/tests/nfs/deps"
  {
    cmake -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
      cmake --build "$build" --target lockshim lockshim_command
  } >&2
}

if [ $# -gt 0 ]; then
  build=$1
else
  build_it
fi

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
"$top/tests/nfs/machine" --shim "$build" --with "$here/policy.conf" \
  --with "$here/lockshim.conf" "$here/session.sh" >"$output" || status=$?
cat "$output"
[ "$status" -eq 0 ] || exit "$status"
diff -u "$here/expected.txt" "$output" || {
  echo 'That is not expected.txt.' >&2
  exit 1
}
