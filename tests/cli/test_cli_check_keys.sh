# SPDX-License-Identifier: MIT
# check --keys lists every key of the language with five fields, and the manual lists the same.
. "$(dirname "$0")/lib.sh"
tab=$(printf '\t')

try "$LOCKSHIM" check --keys
expect_status 0
expect_quiet
[ "$(cut -f1,2 "$work/out" | tr '\t\n' ': ')" = "filesystem:match path:match fstype:match exported:match \
program:match user:match service:match flock:action fcntl:action ofd:action fail-errno:action \
open-mode:action upgrade:action on-unlock:action flush-error:action on-lock:action trace:action trace-directory:action trace-size:action \
trace-full:action log:action log-to:action state-dir:action shadow:action unsafe:action " ] || fail "not the keys of this version"
if grep -qv "^[a-z-]*${tab}[a-z]*${tab}[^$tab]*${tab}[^$tab]*${tab}[^$tab]*\.\$" "$work/out"; then
  fail "a line without five fields, the last a sentence"
fi
expect_out "flock${tab}action${tab}pass | ofd | posix | both | succeed | fail${tab}pass${tab}" \
  "fcntl${tab}action${tab}pass | ofd | succeed | fail${tab}pass${tab}" \
  "ofd${tab}action${tab}pass | posix | succeed | fail${tab}pass${tab}" \
  "open-mode${tab}action${tab}keeper | reopen | fail${tab}keeper${tab}" \
  "upgrade${tab}action${tab}drop | atomic${tab}drop${tab}" \
  "on-unlock${tab}action${tab}nothing | flush-data | flush${tab}nothing${tab}" \
  "flush-error${tab}action${tab}ignore | report${tab}ignore${tab}" \
  "on-lock${tab}action${tab}nothing | revalidate${tab}nothing${tab}" \
  "trace${tab}action${tab}no | errors | contended | all${tab}no${tab}" \
  "trace-directory${tab}action${tab}absolute path${tab}one of the user's own${tab}" \
  "trace-size${tab}action${tab}bytes, with K, M or G${tab}256M${tab}" \
  "trace-full${tab}action${tab}stop | overwrite${tab}stop${tab}" \
  "log${tab}action${tab}no | errors | contended | all${tab}no${tab}" \
  "log-to${tab}action${tab}stderr | syslog | absolute path${tab}stderr${tab}" \
  "state-dir${tab}action${tab}absolute path${tab}one of the user's own${tab}" \
  "fail-errno${tab}action${tab}errno name or number${tab}ENOLCK${tab}"
keys=$(cut -f1 "$work/out")

try "$LOCKSHIM" check --keys --json
expect_status 0
for key in $keys; do
  expect_out "\"name\": \"$key\""
done

# Each is a key to the reader too.
for key in $keys; do
  printf '[rule x]\n%s =\n' "$key" | policy one.conf
  try "$LOCKSHIM" check one.conf
  expect_err "one.conf:2:"
  expect_not_in_err "unknown key"
done

page=${MANUAL:-}/lockshim.conf.5
[ -e "$page" ] || exit 0
tried="cat $page"
sed 's/\\//g' "$page" >"$work/out"
for key in $keys; do
  expect_out "fB$key"
done
expect_not_in_out "@"
