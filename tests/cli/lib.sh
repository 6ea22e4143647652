# SPDX-License-Identifier: MIT
# Sourced by each script: an empty working directory, a clean environment, and assertions about the
# last command given to `try`. The caller is root or not; scripts that need one say so by `skip`.
set -u
: "${LOCKSHIM:?}" "${LIBRARY:?}"
unset LOCKSHIM_POLICY LOCKSHIM_SERVICE LOCKSHIM_SET LOCKSHIM_DISABLE LOCKSHIM_DEBUG LD_PRELOAD
unset LOCKSHIM_LOG LOCKSHIM_TRACE
umask 022
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir here && cd here || exit 1
# shellcheck disable=SC2034 # for the scripts
here=$(pwd -P)

fail() {
  echo "FAILED: $*" >&2
  echo "--- command: ${tried:-none}" >&2
  echo "--- status ${status:-none}, standard output:" >&2
  cat "$work/out" >&2
  echo "--- standard error:" >&2
  cat "$work/err" >&2
  exit 1
}

skip() {
  echo "skipped: $*" >&2
  exit 77
}

# The kernel's list leaves out the locks of processes outside, and locks warns of that.
need_first_pid_namespace() {
  [ "$(readlink /proc/1/ns/pid /proc/self/ns/pid | head -n 1)" = 'pid:[4026531836]' ] ||
    skip "in this PID namespace not all locks are listed"
}

# Runs a command; what it said is in $work/out and $work/err.
try() {
  tried=$*
  "$@" >"$work/out" 2>"$work/err"
  status=$?
}

expect_status() {
  [ "$status" -eq "$1" ] || fail "expected status $1"
}

# Fixed strings, each somewhere in the stream.
expect_out() {
  for text; do
    grep -qF -- "$text" "$work/out" || fail "expected on standard output: $text"
  done
}

expect_err() {
  for text; do
    grep -qF -- "$text" "$work/err" || fail "expected on standard error: $text"
  done
}

expect_not_in_out() {
  if grep -qF -- "$1" "$work/out"; then fail "not expected on standard output: $1"; fi
}

expect_not_in_err() {
  if grep -qF -- "$1" "$work/err"; then fail "not expected on standard error: $1"; fi
}

expect_quiet() {
  [ ! -s "$work/err" ] || fail "expected nothing on standard error"
}

# The whole of standard output.
expect_text() {
  [ "$(cat "$work/out")" = "$1" ] || fail "expected all of standard output to be: $1"
}

# A library that does nothing, for scripts about what is preloaded and not about what it does.
stand_in() {
  echo 'int nothing_here;' >stand_in.c
  "${CC:-cc}" -shared -fPIC -o "$1" stand_in.c || skip "no compiler"
  rm stand_in.c
}

# A dynamic program that exits 0; further arguments go to the compiler.
program() {
  to=$1
  shift
  echo 'int main(void) { return 0; }' >program.c
  "${CC:-cc}" "$@" -o "$to" program.c 2>/dev/null || skip "the compiler cannot make: $to $*"
  rm program.c
}

# Writes standard input to a policy file.
policy() {
  cat >"$1"
}
