# SPDX-License-Identifier: MIT
# completion.bash SCRIPT: what bash would offer behind each line of standard input, as LINE, a tab and
# one offer a line.
# shellcheck source=/dev/null
. "$1"
: "${COMP_WORDBREAKS:= }"
while IFS= read -r line; do
  COMP_LINE=$line COMP_POINT=${#line}
  _lockshim
  for offer in "${COMPREPLY[@]}"; do
    printf '%s\t%s\n' "$line" "$offer"
  done
done
