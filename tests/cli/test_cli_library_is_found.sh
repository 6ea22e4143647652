# SPDX-License-Identifier: MIT
# The library: the one asked for, the one beside the command, and a word to the user where none is.
. "$(dirname "$0")/lib.sh"

# The build tree's own.
try "$LOCKSHIM" version
expect_status 0
expect_out "lockshim $VERSION" "library  $(realpath "$LIBRARY")" "policy   /" "libc     "

# One installed below another root.
mkdir -p root/bin "root/bin/$(dirname "$LIBRARY_FROM_COMMAND")"
cp "$LOCKSHIM" root/bin/
stand_in "root/bin/$LIBRARY_FROM_COMMAND"
try root/bin/lockshim version
expect_status 0
expect_out "$(realpath "root/bin/$LIBRARY_FROM_COMMAND")"

stand_in asked.so
try "$LOCKSHIM" version --library asked.so
expect_out "library  $here/asked.so"

try "$LOCKSHIM" run --library no-such.so touch ran
expect_status 2
expect_err "lockshim: $here/no-such.so: " "No such file"

stand_in "a b.so"
stand_in "a:b.so"
for library in "a b.so" "a:b.so"; do
  try "$LOCKSHIM" run --library "$library" touch ran
  expect_status 2
  expect_err "$library" "cannot stand in LD_PRELOAD" "--library"
done
[ ! -e ran ] || fail "the command was run"

# $LIB is the loader's to replace.
# shellcheck disable=SC2016
try "$LOCKSHIM" version --library '/opt/$LIB/liblockshim.so'
# shellcheck disable=SC2016
expect_out 'library  /opt/$LIB/liblockshim.so'
