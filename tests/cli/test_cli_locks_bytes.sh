# SPDX-License-Identifier: MIT
# The bytes by which locks knows converted locks are the library's own.
. "$(dirname "$0")/lib.sh"
: "${SOURCE:?}"

# What the library keeps to one file stands there as numbers.
for file in layers_map upgrade; do
  grep -E '^#define (BOOK|GAP)_?[A-Z_]* ' "$SOURCE/shim/$file.c"
done >private.h
[ "$(wc -l <private.h)" -eq 9 ] || fail "the library's numbers were not found"
cat >bytes.c <<'END'
#include "cli/lock_table_bytes.h"
#include "shim/keeper_bytes.h"
#include "shim/layers.h"
#include "shim/mixed.h"
#include "private.h"
#define SAME(one, other) _Static_assert((one) == (other), #one)
SAME(CLI_KEEPER_LAST, KEEPER_END - 1);
SAME(CLI_KEEPER_ORDER, KEEPER_ORDER);
SAME(CLI_KEEPER_BELL, KEEPER_BELL);
SAME(CLI_KEEPER_BELL + 1, KEEPER_LIFE);
SAME(CLI_MIXED_END, MIXED_END);
SAME(CLI_RANGE_END, LAYERS_RANGE_END);
SAME(CLI_BOOK_READS, BOOK_READS);
SAME(CLI_BOOK_WRITES, BOOK_WRITES);
SAME(CLI_BOOK_END, BOOK_END);
SAME(CLI_BOOK_BEHIND, BOOK_SIGN + 1);
SAME(CLI_BOOK_REST, BOOK_REST);
SAME(CLI_GAP_FIRST, GAP_FIRST);
SAME(CLI_GAP_LAST, GAP_LAST);
END
try "${CC:-cc}" -fsyntax-only -D_GNU_SOURCE -I"$SOURCE" -I. bytes.c
[ "$status" -ne 127 ] || skip "no compiler"
expect_status 0
grep -q "PROGRAM \"lockshim-keeper\"" "$SOURCE/cli/lock_table_bytes.h" || fail "the keeper's name"
grep -q "OUTPUT_NAME lockshim-keeper" "$SOURCE/shim/CMakeLists.txt" || fail "the keeper's name"
