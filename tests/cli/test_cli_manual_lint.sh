# SPDX-License-Identifier: MIT
# The manual pages are well formed: mandoc and groff have nothing to say but of what scdoc always
# writes, every page named is one, and every table fits 80 columns.
. "$(dirname "$0")/lib.sh"
pages=$(ls "${MANUAL:?}"/*.[1-9] 2>/dev/null) || skip "no manual page was made"
[ "$(echo "$pages" | wc -l)" -eq 3 ] || fail "expected three pages"

for page in $pages; do
  if command -v mandoc >/dev/null; then
    mandoc -T lint -W warning "$page" | grep -v 'skipping paragraph macro: PP' >"$work/out"
    [ ! -s "$work/out" ] || fail "mandoc: $page"
  elif [ -n "${TESTS_MUST_RUN:-}" ]; then
    fail "mandoc is not installed"
  fi
  if command -v groff >/dev/null; then
    tried="groff $page"
    groff -man -t -T utf8 -rLL=80n -ww "$page" >rendered 2>"$work/err"
    grep -vE "can't (break|adjust) line|cannot (break|adjust) line" "$work/err" >"$work/out"
    [ ! -s "$work/out" ] || fail "groff: $page"
  fi
done

# NAME(SECTION) of ours that is no page.
sed 's/\\f[BIR]//g; s/\\//g' $pages | grep -oE '(lib)?lockshim(\.conf)?\([0-9]\)' | sort -u |
  while read -r name; do
    page=${name%(*}.${name#*(}
    [ -e "$MANUAL/${page%)}" ] || echo "$name"
  done >"$work/out"
[ ! -s "$work/out" ] || fail "pages that are named and not there"
