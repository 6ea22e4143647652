# SPDX-License-Identifier: MIT
# A call site gets its function's name where the module has symbols, else its place in the module.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"
ldd "$LOCKSHIM" | grep -q libdw || skip "this build has no libdw"

cat >program.c <<'END'
int volatile one;
__attribute__((noinline)) int first(void) { return ++one; }
__attribute__((noinline)) int take_the_lock(void) { return first() + ++one; }
int main(void) { return take_the_lock(); }
END
"${CC:-cc}" -O1 -o with program.c || skip "no compiler"
"${CC:-cc}" -O1 -s -o without program.c || skip "no compiler"
rm program.c
place=$(nm with | sed -n 's/^0*\([0-9a-f]*\) . take_the_lock$/\1/p')
size=$(nm -S with | sed -n 's/^[0-9a-f]* 0*\([0-9a-f]*\) . take_the_lock$/\1/p')
[ -n "$place" ] && [ -n "$size" ] || skip "nm does not show the function"

# A return address behind the last instruction is still that function's.
export DEBUGINFOD_URLS=http://127.0.0.1:9/
make_trace t <<END
t=1700000000 pid=10 prog=php file=/srv/a site=$here/with+0x$(printf %x $((0x$place + 2)))
pid=10 prog=php file=/srv/a site=$here/with+0x$(printf %x $((0x$place + 0x$size)))
pid=10 prog=php file=/srv/a site=$here/without+0x1234
pid=10 prog=php file=/srv/a site=/not/there/any+0x5678
pid=10 prog=php file=/srv/a
END
try "$LOCKSHIM" report -n --by site -o locks,site t
expect_status 0
expect_quiet
expect_out "1 with!take_the_lock+0x2" "1 with!take_the_lock+0x$size" "1 without+0x1234" \
  "1 any+0x5678" "1 (unknown)"
