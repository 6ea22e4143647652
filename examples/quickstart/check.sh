#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh BUILD: what run.sh prints must look like expected.txt, numbers aside: a 0 stays a 0.
here=$(cd "$(dirname "$0")" && pwd)
shape() {
  sed -e 's/[1-9][0-9]*/N/g' -e 's/  */ /g' -e 's|filesystem = /.*|filesystem = /|'
}
if ! output=$(sh "$here/run.sh" "$1"); then
  printf '%s\nrun.sh failed\n' "$output"
  exit 1
fi
echo "$output"
wanted=$(shape <"$here/expected.txt")
[ "$(echo "$output" | shape)" = "$wanted" ] || {
  printf '\nThat is not the shape of expected.txt:\n%s\n' "$wanted"
  exit 1
}
