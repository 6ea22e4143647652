# SPDX-License-Identifier: MIT
# LD_PRELOAD is extended: ours first, once, and what others put there kept in order.
. "$(dirname "$0")/lib.sh"
stand_in liblockshim.so
stand_in a.so
stand_in b.so
mkdir other
cp liblockshim.so other/

preloaded() {
  # shellcheck disable=SC2016
  try "$LOCKSHIM" run --library liblockshim.so -- sh -c 'echo "$LD_PRELOAD"'
  expect_status 0
}

preloaded
expect_text "$here/liblockshim.so"

export LD_PRELOAD="$here/a.so $here/b.so"
preloaded
expect_text "$here/liblockshim.so:$here/a.so:$here/b.so"

export LD_PRELOAD="$here/a.so:$here/b.so"
preloaded
expect_text "$here/liblockshim.so:$here/a.so:$here/b.so"

# Where it stands already nothing moves: a sanitizer's runtime has to be first.
export LD_PRELOAD="$here/a.so:$here/liblockshim.so:$here/b.so"
preloaded
expect_text "$LD_PRELOAD"

# Another build of the library would be loaded beside it, and both would wrap flock.
export LD_PRELOAD="$here/a.so:$here/other/liblockshim.so"
preloaded
expect_text "$here/liblockshim.so:$here/a.so"

export LD_PRELOAD=''
preloaded
expect_text "$here/liblockshim.so"
unset LD_PRELOAD

try "$LOCKSHIM" run --library liblockshim.so "$LOCKSHIM" run --library liblockshim.so \
  printenv LD_PRELOAD
expect_text "$here/liblockshim.so"
