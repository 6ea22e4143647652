# SPDX-License-Identifier: MIT
# completion.bash SCRIPT LINE: what bash would offer behind LINE, a line each, sorted.
# shellcheck source=/dev/null
. "$1"
COMP_LINE=$2 COMP_POINT=${#2}
: "${COMP_WORDBREAKS:= }"
_lockshim
printf '%s\n' "${COMPREPLY[@]}" | sort -u
