#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh EXAMPLE BUILD: what its run.sh prints must be its expected.txt, its policy one that check
# takes, and its drop-in one for that policy. Skipped where a program is missing that it needs.
here=$(cd "$(dirname "$0")" && pwd)
example=$here/$1 build=$2
PATH=$PATH:/usr/sbin:/sbin
# shellcheck disable=SC2013 # words
for program in $(sed -n 's/^needs //p' "$example/run.sh"); do
  command -v "$program" >/dev/null || {
    echo "skipped: $program is not installed"
    [ -z "${TESTS_MUST_RUN:-}" ] || exit 1
    exit 77
  }
done

installed=$(mktemp -d)
trap 'rm -rf "$installed"' EXIT
copy=$installed/policy.conf # which nobody else may write
cp "$example/policy.conf" "$copy"
"$build/cli/lockshim" check "$copy" || exit
if [ -e "$example/lockshim.conf" ]; then
  # shellcheck disable=SC2016 # the loader's variable
  grep -qx 'Environment=LD_PRELOAD=/usr/$LIB/liblockshim.so' "$example/lockshim.conf" || {
    echo 'lockshim.conf preloads nothing'
    exit 1
  }
fi

# expect_of RUN [BUILD]
expect_of() {
  if ! output=$(sh "$@"); then
    printf '%s\nrun.sh failed\n' "$output"
    exit 1
  fi
  echo "$output" | diff -u "$example/expected.txt" - || exit
}
expect_of "$example/run.sh" "$build"

# Without BUILD: the installed command, which names its library in more words.
cat >"$installed/lockshim" <<END
#!/bin/sh
[ "\$1" = version ] || exec "$build/cli/lockshim" "\$@"
"$build/cli/lockshim" version | sed 's/^library .*/& (here some file)/'
END
chmod 755 "$installed/lockshim"
grep -q library "$example/run.sh" || exit 0
PATH=$installed:$PATH expect_of "$example/run.sh"
