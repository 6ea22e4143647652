#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: exim delivers to a mailbox, and a backup flocks it, alone and beside a client.
. "$(dirname "$0")/../begin.sh"
needs exim4 flock python3
# A copy is not setuid, so the library gets in; as a service exim is started by root and needs none.
cp "$(command -v exim4)" exim
mkdir spool log mail
: >mail/box
# Exim delivers to no root.
owner=$(id -un) group=$(id -gn)
[ "$(id -u)" -ne 0 ] || owner=nobody group=$(id -gn nobody)
chown -R "$owner:$group" mail
sed -e "s|@WORK@|$work|" -e "s|@USER@|$(id -un)|" -e "s|@USERGROUP@|$(id -gn)|" \
  -e "s|@OWNER@|$owner|" -e "s|@GROUP@|$group|" "$here/exim.conf" >exim.conf
# Inside of the delivery: which locks are held on the mailbox.
printf '#!/bin/sh\nunset LD_PRELOAD\npython3 %s locks %s >%s\nexec cat\n' \
  "$here/../client.py" "$work/mail/box" "$work/mail/kinds" >filter
chmod 755 filter
printf 'Subject: one\n\nOne.\n' >message
set -- sh -c './exim -odi -i -C "$PWD/exim.conf" box <message'
delivered() { echo "delivered, under $(cat mail/kinds): $(grep -c '^Subject: one' mail/box)"; }

echo 'exim takes both families on the mailbox:'
"$@"
say natively "$(delivered)"
"$lockshim" run -p policy.conf -s mail -- "$@"
say 'with lockshim' "$(delivered)"
echo 'A client has the mailbox:'
say 'exim, with lockshim' "$(client beside mail/box "$lockshim" run -p policy.conf -s mail -- "$@")"
say 'then' "$(delivered)"
say 'a backup under flock, natively' "$(client beside mail/box flock -n mail/box true)"
say 'with lockshim' "$(client beside mail/box \
  "$lockshim" run -p policy.conf -s mail -- flock -n mail/box true)"
