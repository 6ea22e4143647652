# SPDX-License-Identifier: MIT
# An installed tree works by itself, and installing leaves a policy that is there alone.
. "$(dirname "$0")/lib.sh"
command -v cmake >/dev/null || skip "no cmake"
DESTDIR=$here/root
export DESTDIR

cmake --install "${BUILD:?}" >install.log 2>&1 || skip "not all is built"
command=$(find root -path '*/bin/lockshim')
try "./$command" version
expect_status 0
expect_out "$here/root/" "liblockshim.so"
sample=$(find root -path '*/lockshim/policy.conf')
cmp "$sample" "$SOURCE/examples/policy.conf" || fail "the sample policy"

echo '# mine' >"$sample"
cmake --install "$BUILD" >install.log 2>&1
[ "$(cat "$sample")" = '# mine' ] || fail "the policy was overwritten"
