# SPDX-License-Identifier: MIT
# An installed tree works by itself, and installing leaves a policy that is there alone.
. "$(dirname "$0")/lib.sh"
command -v cmake >/dev/null || skip "no cmake"
DESTDIR=$here/root
export DESTDIR

[ -w "${BUILD:?}" ] || skip "the build tree is somebody else's"
try cmake --install "$BUILD"
expect_status 0
command=$(find root -path '*/bin/lockshim')
try "./$command" version
expect_status 0
expect_out "$here/root/" "liblockshim.so"
find root -name liblockshim.so >libraries # one a word size
[ -s libraries ] || fail "no library"
while read -r library; do
  [ -x "$(dirname "$library")/lockshim/lockshim-keeper" ] || fail "the keeper beside $library"
done <libraries
sample=$(find root -path '*/lockshim/policy.conf')
cmp "$sample" "$SOURCE/examples/policy.conf" || fail "the sample policy"
for preset in irix nfs-server nfs-client; do
  installed=$(find root -path "*/share/lockshim/presets/$preset.conf")
  cmp "$installed" "$SOURCE/examples/presets/$preset.conf" || fail "the preset $preset"
done

echo '# mine' >"$sample"
try cmake --install "$BUILD"
expect_status 0
[ "$(cat "$sample")" = '# mine' ] || fail "the policy was overwritten"
