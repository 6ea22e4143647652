# SPDX-License-Identifier: MIT
# Each command, option and key that the command names is completed, in bash and in zsh, and what is
# offered for an option's value is taken by it. In bash the line is as it should be afterwards.
. "$(dirname "$0")/lib.sh"
made=${BUILD:?}/completion
tools=$(cd "$(dirname "$0")" && pwd)
[ -e "$made/lockshim" ] || skip "no completion was made"
for program in bash python3; do
  command -v $program >/dev/null && continue
  [ -z "${TESTS_MUST_RUN:-}" ] || fail "$program is not installed"
  skip "$program is not installed"
done
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
columns() { # COMMAND
  "$LOCKSHIM" "$1" --help | sed -nE 's/^ +([A-Z][A-Z:0-9-]*)  [^ ].*/\1/p'
}
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
  wants 'lockshim run -o "flock=ofd; open-mode=' keeper reopen fail
  wants "lockshim check -o 'flock=ofd; " $keys
  wants 'lockshim report -o ' $(columns report)
  wants 'lockshim locks -o PID,' $(columns locks)
  wants 'lockshim ps -o +' PID STATE WHY
  wants 'lockshim probe --families flock,' fcntl ofd
  wants 'lockshim trace --operation exclusive,' hazard
  wants 'lockshim run floc' flock
  wants 'lockshim run -s x -- floc' flock
  wants 'lockshim doctor -- floc' flock
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
[ "$(columns locks | wc -l)" -ge 10 ] || fail "the columns were not read"
cut -f 1 wanted | sort -u >lines

# expect_offers COMMAND…: zsh leaves the `=` behind a key to the line. What bash offers has all that
# stands in the quotes.
expect_offers() {
  try "$@" <lines
  expect_status 0
  sed -E "s/=$//; s/$tab.*[=;,+] *([^=;,+]*)$/$tab\1/" "$work/out" | sort -u >offered
  comm -23 wanted offered >missing
  [ ! -s missing ] || fail "$1 does not offer: $(head -n 3 missing | tr '\n' ';')"
}

offered_behind() { # LINE
  sed -n "s/^$1$tab//p" offered
}

expect_offers python3 "$tools/completion_bash.py" offers "$made/lockshim"

# becomes LINE NEW: what one tab makes of it.
: >'a file.conf'
becomes() {
  printf '%s\t%s\n' "$1" "$2"
}
{
  becomes 'lockshim run -o "flock=ofd;on-unl' 'lockshim run -o "flock=ofd;on-unlock='
  becomes "lockshim run -o 'flock=ofd;on-unl" "lockshim run -o 'flock=ofd;on-unlock="
  becomes "lockshim run --set='flock=ofd; on-unl" "lockshim run --set='flock=ofd; on-unlock="
  becomes 'lockshim run -o flock=ofd\;on-unl' 'lockshim run -o flock=ofd\;on-unlock='
  becomes 'lockshim run -o "flock=o' 'lockshim run -o "flock=ofd" '
  becomes 'lockshim run -o flock=o' 'lockshim run -o flock=ofd '
  becomes 'lockshim run -p a\ ' 'lockshim run -p a\ file.conf '
  becomes 'lockshim run --policy="a ' 'lockshim run --policy="a file.conf" '
  becomes 'lockshim probe --families flock,of' 'lockshim probe --families flock,ofd '
  becomes 'lockshim report -o MAJ:M' 'lockshim report -o MAJ:MIN '
  becomes 'lockshim report a-t' 'lockshim report a-trace/'
  becomes 'lockshim run -- floc' 'lockshim run -- flock '
} >becomes
cut -f 1 becomes >before
try python3 "$tools/completion_bash.py" lines "$made/lockshim" <before
expect_status 0
diff becomes "$work/out" >unlike || fail "what a tab makes of it: $(cat unlike)"
rm 'a file.conf'
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
