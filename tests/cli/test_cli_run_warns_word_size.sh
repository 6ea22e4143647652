# SPDX-License-Identifier: MIT
# A program that the library does not fit into is named, by what both are.
. "$(dirname "$0")/lib.sh"
stand_in lib.so
program narrow -m32
try "$LOCKSHIM" run --library lib.so ./narrow
expect_err "lockshim: warning: ./narrow: 32-bit i386, and $here/lib.so is 64-bit"

# With $LIB each word size has its own.
# shellcheck disable=SC2016
try "$LOCKSHIM" run --library '/no/such/$LIB/liblockshim.so' ./narrow
expect_not_in_err "32-bit"
