#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh EXAMPLE BUILD PROGRAM…: what its run.sh prints must be its expected.txt, its policy one that
# check takes, and its drop-in one for that policy. Skipped where a program is missing.
here=$(cd "$(dirname "$0")" && pwd)
example=$here/$1 build=$2
shift 2
PATH=$PATH:/usr/sbin:/sbin
for program; do
  command -v "$program" >/dev/null || {
    echo "skipped: $program is not installed"
    [ -z "${TESTS_MUST_RUN:-}" ] || exit 1
    exit 77
  }
done

copy=$(mktemp) # which nobody else may write
trap 'rm -f "$copy"' EXIT
cp "$example/policy.conf" "$copy"
"$build/cli/lockshim" check "$copy" || exit
if [ -e "$example/lockshim.conf" ]; then
  # shellcheck disable=SC2016 # the loader's variable
  grep -qx 'Environment=LD_PRELOAD=/usr/$LIB/liblockshim.so' "$example/lockshim.conf" || {
    echo 'lockshim.conf preloads nothing'
    exit 1
  }
fi
if ! output=$(sh "$example/run.sh" "$build"); then
  printf '%s\nrun.sh failed\n' "$output"
  exit 1
fi
echo "$output" | diff -u "$example/expected.txt" -
