# SPDX-License-Identifier: MIT
# A statically linked command is named, and run all the same; so is a script that comes to one.
. "$(dirname "$0")/lib.sh"
stand_in lib.so
program dynamic
program static -static

try "$LOCKSHIM" run --library lib.so ./static
expect_status 0
expect_err "lockshim: warning: ./static: statically linked"
try "$LOCKSHIM" run --library lib.so ./dynamic
expect_status 0
expect_quiet

echo "#!$here/static" >script
printf '#! %s/script -x\n' "$here" >outer
echo '#!/usr/bin/env static' >by-env
echo '#!/usr/bin/env -S LC_ALL=C static -x' >by-env-options
chmod +x script outer by-env by-env-options
for name in script outer by-env by-env-options; do
  try env PATH="$here:$PATH" "$LOCKSHIM" run --library lib.so "./$name"
  expect_err "static: statically linked"
done

# By PATH, as execvp finds it: past a file that may not be run.
mkdir first second
: >first/static
mv static second/
try env PATH="$here/first:$here/second:$PATH" "$LOCKSHIM" run --library lib.so static
expect_status 0
expect_err "$here/second/static: statically linked"
