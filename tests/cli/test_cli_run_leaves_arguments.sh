# SPDX-License-Identifier: MIT
# Options after the command are the command's own.
. "$(dirname "$0")/lib.sh"
stand_in lib.so

try "$LOCKSHIM" run --library lib.so echo -p --help -s x
expect_status 0
expect_text "-p --help -s x"
try "$LOCKSHIM" run --library lib.so -- echo -- one
expect_text "-- one"
