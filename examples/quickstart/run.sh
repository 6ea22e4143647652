#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: builds lockshim (or takes the build directory BUILD as it is) and shows what an
# NFS server's local flock loses to its clients, without lockshim and with it. Touches only a
# directory of its own under TMPDIR. Exit status 0: without it updates were lost, with it none.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
unset LOCKSHIM_POLICY LOCKSHIM_SERVICE LOCKSHIM_SET LOCKSHIM_DISABLE LOCKSHIM_DEBUG

build_it() {
  build=$top/build/quickstart
  "$top/.ci/deps" build example
  mkdir -p "$build"
  echo "building in build/quickstart" >&2
  generator=
  [ -e "$build/CMakeCache.txt" ] || generator='-G Ninja'
  # shellcheck disable=SC2086 # two words or none
  {
    cmake -S "$top" -B "$build" $generator -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
      cmake --build "$build"
  } >"$build/log" 2>&1 || {
    cat "$build/log" >&2
    exit 1
  }
}

# count LABEL PREFIX…: both writers at once; PREFIX is what the local script is run by. Sets `lost`
# and adds a row to the table.
count() {
  label=$1
  shift
  printf '%8d\n' 0 >"$work/counter"
  python3 "$here/client.py" "$work/counter" "$rounds" &
  client=$!
  "$@" sh "$here/local.sh" "$work/counter" "$rounds"
  wait "$client"
  read -r counted <"$work/counter"
  lost=$((2 * rounds - counted))
  row=$(printf '%-16s  %6d  %8d  %7d  %4d' "$label" "$rounds" $((2 * rounds)) "$counted" "$lost")
}

if [ $# -gt 0 ]; then
  build=$1
else
  build_it
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/lockshim-quickstart.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
policy=$work/policy.conf
sed "s|@MOUNT_POINT@|$(stat -c %m "$work")|" "$here/policy.conf" >"$policy"

cat <<END
One counter, two writers: a client, whose locks are POSIX locks on the server, and a script on the
server itself that uses flock(1). Each adds one, again and again, under its lock.

run               rounds  expected  counted  lost
END
# A run can be lucky, so that nothing is lost: then once more, for longer.
rounds=150
lost=0
while [ "$lost" -eq 0 ] && [ "$rounds" -lt 5000 ]; do
  rounds=$((2 * rounds))
  count 'without lockshim'
done
without=$lost
echo "$row"
count 'with lockshim' "$build/cli/lockshim" run -p "$policy" --
echo "$row"

cat <<END

The second run was: lockshim run -p policy.conf -- sh local.sh
and policy.conf is:

END
sed 's/^/    /' "$policy"
[ "$without" -gt 0 ] && [ "$lost" -eq 0 ]
