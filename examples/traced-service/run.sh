#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: starts the service as its unit and drop-in have it, and reads what was traced.
. "$(dirname "$0")/../begin.sh"
needs sqlite3
sed -i "s|/var/log/lockshim|$work/log|" policy.conf
install -d -m 0700 log log/catalogue
environment=$(sed -n 's/^Environment=//p' "$here/lockshim.conf" |
  sed -e "s|/usr/\$LIB/liblockshim.so|$library|" -e "s|/etc/lockshim/catalogue.conf|$work/policy.conf|")
commands=$(sed -n 's/^ExecStart\(Pre\)*=//p' "$here/catalogue.service" |
  sed "s|/var/lib/catalogue|$work|g")

echo 'What the service says:'
# shellcheck disable=SC2086 # one word a setting
env -i PATH="$PATH" $environment sh -c "$commands" 2>&1 | sed 's/^/  /'
echo 'What the trace says:'
"$lockshim" report -n -o REQUESTS,REFUSED,NAME log/catalogue | sed -e "s|$work/||" -e 's/^/  /'
"$lockshim" trace log/catalogue | sed -nE -e 's/, rule .*//' \
  -e "s|^.*(sqlite3)\[[0-9]+\] ([a-z]+\()[0-9]+<$work/([^>]*)>|  \1 \2\3|p"
