#!/bin/bash
# SPDX-License-Identifier: MIT
# The problem itself, without any shim: POSIX and OFD locks exclude each other, flock neither.
# It also shows that the outsider sees what it should see.
. "$(dirname "$0")/lib.sh"
file=$dir/file
: >"$file"
start holder "$LOCKER"

holds() { # FAMILY TYPE AS
  is "holder opens" "$(ask holder "open $file rw")" ok
  is "holder takes $1 $2" "$(ask holder "$1 $2 nb")" ok
  is "beside $1 $2" "$(probe "$file")" "${stands[$3]}"
  is "holder closes" "$(ask holder close)" ok
  is "after $1 $2" "$(probe "$file")" "${stands[none]}"
}

holds flock ex bare-ex
holds flock sh bare-sh
for family in posix ofd; do
  holds $family ex shim-ex
  holds $family sh shim-sh
done

is 'opens' "$(ask holder "open $file rw"), $(ask outsider "open $file rw")" 'ok, ok'
is 'posix holder is named' "$(ask holder 'posix ex'), $(ask outsider 'posix test')" \
  "ok, held ${pid_of[holder]}"
is 'ofd holder is not' "$(ask holder 'posix un'), $(ask holder 'ofd sh'), $(ask outsider 'ofd test')" \
  'ok, ok, held -1'
is 'two readers' "$(ask outsider 'ofd test sh')" ok
is 'no such command' "$(ask outsider 'posix up')" EINVAL
is 'no such file' "$(ask outsider "open $dir/none rw")" ENOENT
finish
