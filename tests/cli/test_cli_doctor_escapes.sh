# SPDX-License-Identifier: MIT
# What a stranger's process or file is called reaches no terminal as it is: no line of its own, no escape
# sequence.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
command -v flock >/dev/null || skip "no flock(1)"
: >none.conf
escape=$(printf '\033')
evil="a
No problem found.${escape}[31m"

harmless() { # COMMAND…
  try "$@"
  cat "$work/out" "$work/err" >"$work/both"
  if grep -q "$escape" "$work/both"; then fail "an escape reached the terminal"; fi
  if grep -q '^No problem found.\\033' "$work/both"; then fail "a line of its own"; fi
}

: >"$evil"
start LOCKSHIM_SERVICE="$evil" sh -c "$stays" sh "$evil"
harmless "$LOCKSHIM" doctor --pid "$pid"
expect_status 1
harmless "$LOCKSHIM" doctor -p none.conf "$evil"
expect_out 'a\012No problem found.\033[31m'
stop_all
start_run -p none.conf -s "$evil" -- sh -c "$stays" sh "$evil"
harmless "$LOCKSHIM" doctor --pid "$pid"
expect_out 'service        a\012No problem found.\033[31m'
harmless "$LOCKSHIM" ps
stop_all

rm "$evil"
mkdir "$evil" caf
harmless "$LOCKSHIM" probe --families flock "$evil"
expect_out 'a\012No problem found.\033[31m, '
name=$(printf 'caf\303\251')
mv caf "$name"
harmless "$LOCKSHIM" doctor -p none.conf "$name"
expect_out "$name"
