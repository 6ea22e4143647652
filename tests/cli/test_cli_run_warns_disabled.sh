# SPDX-License-Identifier: MIT
# LOCKSHIM_DISABLE=1 in the environment is named; other values don't disable.
. "$(dirname "$0")/lib.sh"
stand_in lib.so

try env LOCKSHIM_DISABLE=1 "$LOCKSHIM" run --library lib.so true
expect_status 0
expect_err "lockshim: warning: LOCKSHIM_DISABLE=1"
try env LOCKSHIM_DISABLE=0 "$LOCKSHIM" run --library lib.so true
expect_status 0
expect_quiet
try env LOCKSHIM_DISABLE=1 "$LOCKSHIM" explain .
expect_err "lockshim: warning: LOCKSHIM_DISABLE=1"
