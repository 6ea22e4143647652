# SPDX-License-Identifier: MIT
# Every help fits a screen of 24 lines and 80 columns, and names every option and command.
. "$(dirname "$0")/lib.sh"

fits() {
  [ "$(wc -l <"$work/out")" -le 24 ] || fail "more than 24 lines"
  if grep -q '.\{81\}' "$work/out"; then fail "wider than 80 columns"; fi
}

for help in -h --help; do
  try "$LOCKSHIM" $help
  expect_status 0
  expect_quiet
  expect_out " run " " check " " explain " " version " "-h, --help" "-V, --version"
  fits
done

for command in run check explain trace doctor ps enable disable version; do
  try "$LOCKSHIM" "$command" --help
  expect_status 0
  expect_quiet
  expect_out "lockshim $command " "-h, --help" "-V, --version"
  fits
done

try "$LOCKSHIM" run --help
expect_out "-p, --policy FILE" "-s, --service NAME" "-o, --set KEY=VALUE" "--library FILE"
try "$LOCKSHIM" check --help
expect_out "--keys" "--strict"
try "$LOCKSHIM" explain --help
expect_out "--call CALL" "--program PATH" "--user NAME" "-J, --json"
try "$LOCKSHIM" trace --help
expect_out "-f, --follow" "--path GLOB" "--program GLOB" "--pid PID" "--operation WORD" \
  "--min-wait TIME" "-J, --json"

for words in -V --version "run --version"; do
  # shellcheck disable=SC2086
  try "$LOCKSHIM" $words
  expect_status 0
  expect_text "lockshim ${VERSION:?}"
done
