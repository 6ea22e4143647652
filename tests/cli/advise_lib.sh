# SPDX-License-Identifier: MIT
# Sourced after lib.sh: advice on a trace made by a script, and that it is a policy as it stands.
: "${MAKE_TRACE:?}"
# shellcheck disable=SC2034 # for the scripts
mount_point=$(stat -c %m .) mount_device=$(stat -c %Hd:%Ld .)

# Standard input is make_trace's script; further arguments are the report's. The advice is in
# advice.conf and $work/out.
advise() {
  rm -rf trace
  "$MAKE_TRACE" trace || fail "no trace was made"
  try "$LOCKSHIM" report --advise trace "$@"
  expect_status 0
  expect_quiet
  cp "$work/out" advice.conf
  try "$LOCKSHIM" check --strict advice.conf
  expect_status 0
  expect_out "advice.conf: ok, $(grep -c '^\[rule ' advice.conf) rule"
  cp advice.conf "$work/out"
  expect_reasons
}

# No key without a comment over it, and none that can lose a lock unseen.
expect_reasons() {
  awk '/ = / && !/^#/ && above !~ /^#/ { print; wrong = 1 } { above = $0 } END { exit wrong }' \
    advice.conf >"$work/err" || fail "a key without its reason"
  if grep -E '^(unsafe|flock = (posix|succeed)|[a-z]+ = succeed)' advice.conf >"$work/err"; then
    fail "never to be advised"
  fi
}

# Standard input: lines that stand so, one after the other.
expect_block() {
  block=$(cat)
  case "
$(cat "$work/out")
" in
  *"
$block
"*) ;;
  *) fail "expected these lines together: $block" ;;
  esac
}
