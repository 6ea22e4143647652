#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh: installs what is missing, builds, runs every test and checks the style. At the end stands once
# more what failed. The last line is `N passed, N failed, N skipped`: tests, and a step that fails counts
# as one. 0 if none failed.
set -u
cd "$(dirname "$0")/.." || exit
unset LD_PRELOAD LOCKSHIM_POLICY LOCKSHIM_SERVICE LOCKSHIM_SET LOCKSHIM_TRACE LOCKSHIM_LOG \
  LOCKSHIM_DISABLE LOCKSHIM_DEBUG
jobs=$(nproc)
passed=0 failed=0 skipped=0
failures=$(mktemp)
trap 'rm -f "$failures"' EXIT

# step CMD…: shows a failure and counts it.
step() {
  "$@" && return
  echo "FAILED: $*" | tee -a "$failures"
  failed=$((failed + 1))
  return 1
}

build() { # PRESET
  generator=
  [ -e "build/$1/CMakeCache.txt" ] || generator='-G Ninja'
  # shellcheck disable=SC2086 # two words or none
  cmake --preset "$1" $generator && cmake --build --preset "$1"
}

# list_failed PRESET JUNIT-FILE: each test that failed or could not be started, and the end of what it said.
list_failed() {
  awk -v preset="$1" '
    /<testcase / { name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name); n = 0; bad = 0 }
    /<testcase .* status="(fail|notrun)"/ { bad = 1 }
    /<skipped message="SKIP_/ { bad = 0 }
    { said[n++ % 30] = $0 }
    /<\/testcase>/ && bad {
      print "FAILED: " preset ": " name
      for (i = n > 30 ? n - 30 : 0; i < n; i++) print said[i % 30]
    }' "$2"
}

# A test that could not be started is `notrun` too: only those that asked for it are skipped.
count() { # JUNIT-FILE
  all=$(grep -c '<testcase ' "$1")
  ran=$(grep -c '<testcase .* status="run"' "$1")
  left=$(grep -cE '<skipped message="SKIP_|<testcase .* status="disabled"' "$1")
  passed=$((passed + ran))
  skipped=$((skipped + left))
  failed=$((failed + all - ran - left))
  [ "$all" -gt 0 ]
}

run_tests() { # PRESET [OPTION-OF-CTEST…]
  preset=$1 results=$PWD/build/$1/tests.xml
  shift
  step build "$preset" || return
  rm -f "$results"
  ctest --preset "$preset" -j "$jobs" --output-junit "$results" "$@"
  step count "$results"
  list_failed "$preset" "$results" >>"$failures"
}

sources() { # DIRECTORY… -- TEST-OF-FIND…
  rooms=
  while [ "$1" != -- ]; do
    [ ! -d "$1" ] || rooms="$rooms $1"
    shift
  done
  shift
  # shellcheck disable=SC2086 # one word a room
  find $rooms "$@" | sort
}

well_formed() {
  sources policy shim trace cli tests examples -- -name '*.[ch]' |
    xargs clang-format --dry-run -Werror
}

tidy() {
  sources policy shim trace cli -- -name '*.c' |
    xargs -n 1 -P "$jobs" clang-tidy --quiet -p build/release
}

step .ci/deps build test
# The machine is built before the tests, so that what fails there is no skipped test.
if tests/nfs/deps; then
  step tests/nfs/build-image
else
  echo 'run.sh: there is no machine for the nfs tests; they will be skipped'
fi
run_tests release -LE '^(nfs|long)$'
run_tests release -L '^nfs$' -V # prints the tables, and why a test is skipped
# Real programs are not built with the sanitizers' runtimes, so they run only above.
run_tests asan-ubsan -L '^(unit|preload|fuzz)$'
run_tests tsan -L '^(unit|preload|fuzz|storm)$'
# The other classes of program that an amd64 machine can make and run.
if [ "$(uname -m)" = x86_64 ]; then
  run_tests i386 -L '^(unit|preload)$'
  run_tests musl -L '^preload$'
  run_tests arm64 -L '^(unit|preload)$' -V # under qemu-user; prints what that can't carry, and why
fi
step well_formed
step tidy

cat "$failures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
