# SPDX-License-Identifier: MIT
# A program built by Go is named as such, by the sections that Go's linker writes.
. "$(dirname "$0")/lib.sh"
stand_in lib.so

cat >go.c <<'END'
__attribute__((section(".go.buildinfo"), used)) static const char info[] = "\xff Go buildinf:";
int main(void) { return 0; }
END
"${CC:-cc}" -o dynamic go.c 2>/dev/null || skip "no compiler"
try "$LOCKSHIM" run --library lib.so ./dynamic
expect_status 0
expect_err "lockshim: warning: ./dynamic: built by Go"

# One word is enough for the usual, static one.
"${CC:-cc}" -static -o static go.c 2>/dev/null || exit 0
try "$LOCKSHIM" run --library lib.so ./static
expect_status 0
expect_err "lockshim: warning: ./static: built by Go"
expect_not_in_err "statically linked"
