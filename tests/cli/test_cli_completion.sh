# SPDX-License-Identifier: MIT
# Each command, option and key that the command names is completed, in bash and in zsh, and what is
# offered for an option's value is taken by it.
. "$(dirname "$0")/lib.sh"
made=${BUILD:?}/completion
tools=$(cd "$(dirname "$0")" && pwd)
[ -e "$made/lockshim" ] || skip "no completion was made"
command -v bash >/dev/null || skip "bash is not installed"
tab=$(printf '\t')

# wants LINE WORD…: a row a word of what is to be offered behind LINE.
wants() {
  line=$1
  shift
  for word; do
    printf '%s\t%s\n' "$line" "$word"
  done
}

long_options() { # COMMAND
  "$LOCKSHIM" "$1" --help | sed -nE 's/^ (-[A-Za-z],|   ) (--[a-z-]+).*/\2/p' | sort -u
}

commands=$("$LOCKSHIM" --help | sed -nE 's/^ ([a-z]+) +[A-Z].*/\1/p')
keys=$("$LOCKSHIM" check --keys | awk -F '\t' '$2 == "action" { print $1 }')
[ "$(echo "$commands" | wc -l)" -ge 6 ] || fail "the commands were not read"
: >a-policy.conf
mkdir a-trace

# Unquoted: a word each.
# shellcheck disable=SC2086,SC2046
{
  wants 'lockshim ' $commands --help --version
  for command in $commands; do
    wants "lockshim $command -" --help $(long_options "$command")
  done
  wants 'lockshim run --set ' $keys
  wants 'lockshim run --set flock=' pass ofd posix both
  wants 'lockshim run --set "flock=ofd;open-mode=' keeper reopen fail
  wants 'lockshim report --by ' file program site
  wants 'lockshim explain --call ' flock-sh lockf
  wants 'lockshim trace --operation ' exclusive hazard
  wants 'lockshim check a-pol' a-policy.conf
  wants 'lockshim run -p a-pol' a-policy.conf
  wants 'lockshim run --policy a-pol' a-policy.conf
  wants 'lockshim run --policy=a-pol' a-policy.conf
  wants 'lockshim run -s x -- cat a-pol' a-policy.conf
  wants 'lockshim report a-tra' a-trace
} | sort -u >wanted
[ "$(cut -f 2 wanted | grep -c '^--')" -ge 40 ] || fail "the options were not read"
cut -f 1 wanted | sort -u >lines

# expect_offers COMMAND…: zsh leaves the `=` behind a key to the line.
expect_offers() {
  try "$@" <lines
  expect_status 0
  sed 's/=$//' "$work/out" | sort -u >offered
  comm -23 wanted offered >missing
  [ ! -s missing ] || fail "$1 does not offer: $(head -n 3 missing | tr '\n' ';')"
}

offered_behind() { # LINE
  sed -n "s/^$1$tab//p" offered
}

expect_offers bash "$tools/completion.bash" "$made/lockshim"
: >file
for call in $(offered_behind 'lockshim explain --call '); do
  try "$LOCKSHIM" explain --call "$call" file
  expect_status 0
done
for what in $(offered_behind 'lockshim report --by '); do
  try "$LOCKSHIM" report --by "$what" nothing
  expect_status 1 # no trace, and nothing wrong with the word
done
for operation in $(offered_behind 'lockshim trace --operation '); do
  try "$LOCKSHIM" trace --operation "$operation" nothing
  expect_status 1
done

if ! command -v zsh >/dev/null; then
  [ -z "${TESTS_MUST_RUN:-}" ] || fail "zsh is not installed"
  skip "zsh is not installed"
fi
expect_offers zsh -f "$tools/completion.zsh" "$made"
