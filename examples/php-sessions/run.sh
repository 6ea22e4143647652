#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: one session, used by PHP on the server and by a client, without lockshim and with it.
. "$(dirname "$0")/../begin.sh"
needs php python3
mkdir sessions
: >sessions/sess_visitor
set -- php -d session.save_handler=files -d session.save_path="$work/sessions" "$here/visitor.php"
shimmed() { "$lockshim" run -p policy.conf -s php -- "$@"; }

echo 'PHP has the session, and a client asks:'
say natively "$("$@" "$work/sessions/sess_visitor" "$here/../client.py")"
say 'with lockshim' "$(shimmed "$@" "$work/sessions/sess_visitor" "$here/../client.py")"
echo 'A client has the session, and PHP asks:'
say natively "$(client beside sessions/sess_visitor "$@")"
say 'with lockshim' "$(client beside sessions/sess_visitor \
  "$lockshim" run -p policy.conf -s php -- "$@")"
