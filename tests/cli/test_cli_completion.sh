# SPDX-License-Identifier: MIT
# Each command, option and key that the command names is completed, in bash and in zsh, and what is
# offered for an option's value is taken by it.
. "$(dirname "$0")/lib.sh"
made=${BUILD:?}/completion
tools=$(cd "$(dirname "$0")" && pwd)
[ -e "$made/lockshim" ] || skip "no completion was made"
command -v bash >/dev/null || skip "bash is not installed"

offers() { # LINE: what the shell in `shell` offers behind it
  case $shell in
  bash) bash "$tools/completion.bash" "$made/lockshim" "$1" ;;
  zsh) zsh -f "$tools/completion.zsh" "$made" "$1" ;;
  esac
}

# expect_offers LINE WORD…: all of these, of which zsh leaves the `=` behind a key to the line.
expect_offers() {
  try offers "$1"
  sed -i 's/=$//' "$work/out"
  shift
  for word; do
    grep -qxF -- "$word" "$work/out" || fail "$shell does not offer: $word"
  done
}

long_options() { # COMMAND
  "$LOCKSHIM" "$1" --help | sed -nE 's/^ (-[A-Za-z],|   ) (--[a-z-]+).*/\2/p' | sort -u
}

commands=$("$LOCKSHIM" --help | sed -nE 's/^ ([a-z]+) +[A-Z].*/\1/p')
keys=$("$LOCKSHIM" check --keys | awk -F '\t' '$2 == "action" { print $1 }')
[ "$(echo "$commands" | wc -l)" -ge 6 ] || fail "the commands were not read"

# Unquoted: a word each.
# shellcheck disable=SC2086,SC2046
completes() {
  expect_offers 'lockshim ' $commands --help --version
  for command in $commands; do
    [ -n "$(long_options "$command")" ] || fail "the options of $command were not read"
    expect_offers "lockshim $command -" $(long_options "$command")
  done
  expect_offers 'lockshim run --set ' $keys
  expect_offers 'lockshim run --set flock=' pass ofd posix both
  expect_offers 'lockshim run --set "flock=ofd;open-mode=' keeper reopen fail
  expect_offers 'lockshim report --by ' file program site
  : >a-policy.conf
  expect_offers 'lockshim check a-pol' a-policy.conf
  expect_offers 'lockshim run -p a-pol' a-policy.conf
  expect_offers 'lockshim run --policy a-pol' a-policy.conf
  expect_offers 'lockshim run --policy=a-pol' a-policy.conf
  expect_offers 'lockshim run -s x -- cat a-pol' a-policy.conf
  mkdir -p a-trace
  expect_offers 'lockshim report a-tra' a-trace
}

shell=bash
completes
: >file
for call in $(offers 'lockshim explain --call '); do
  try "$LOCKSHIM" explain --call "$call" file
  expect_status 0
done
for what in $(offers 'lockshim report --by '); do
  try "$LOCKSHIM" report --by "$what" nothing
  expect_status 1 # no trace, and nothing wrong with the word
done
for operation in $(offers 'lockshim trace --operation '); do
  try "$LOCKSHIM" trace --operation "$operation" nothing
  expect_status 1
done

if ! command -v zsh >/dev/null; then
  [ -z "${TESTS_MUST_RUN:-}" ] || fail "zsh is not installed"
  skip "zsh is not installed"
fi
shell=zsh
completes
