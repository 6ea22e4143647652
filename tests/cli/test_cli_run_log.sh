# SPDX-License-Identifier: MIT
# run --log and --trace: handed on as variables, paths made absolute; where nothing could be written
# nothing is run.
. "$(dirname "$0")/lib.sh"
stand_in lib.so

handed_on() {
  # shellcheck disable=SC2016 # the command's own
  try "$LOCKSHIM" run --library lib.so "$@" -- sh -c 'echo "$LOCKSHIM_LOG,$LOCKSHIM_TRACE"'
  expect_status 0
}

refused() {
  try "$LOCKSHIM" run --library lib.so "$1" "$2" -- echo it was run
  expect_status 2
  expect_text ""
  expect_err "lockshim: $1 $3"
}

handed_on --log stderr
expect_text "stderr,"
expect_quiet
handed_on --log lines.log --trace traces/
expect_text "$here/lines.log,$here/traces"
mkdir -m 700 traces
: >lines.log
handed_on --log "$here/lines.log" --trace "$here/traces"
expect_text "$here/lines.log,$here/traces"
LOCKSHIM_LOG=stderr handed_on --log syslog
expect_text "syslog,"
[ -w /dev/log ] || expect_err "warning: --log syslog: lines are left out as long as /dev/log"

refused --log "" '"": goes to stderr, syslog or a file; name one'
refused --trace "" '"": goes into a directory; name one'
refused --log no/where "$here/no/where: $here/no: No such file or directory; name a place in"
refused --trace no/where "$here/no/where: $here/no: No such file or directory; name a place in"
refused --log . "$here/.: is no regular file with one name"
refused --trace lines.log "$here/lines.log: is no directory"
ln -s lines.log link
refused --log link "$here/link: is no regular file"
refused --trace link "$here/link: is no directory"
ln lines.log second
refused --log second "$here/second: is no regular file with one name"
mkfifo fifo
refused --log fifo "$here/fifo: is no regular file"

long=$(printf '%0250d' 0)
try "$LOCKSHIM" run --library lib.so --log "$long" -- true
expect_status 2
expect_err "lockshim: LOCKSHIM_LOG:1:1: a path of "
for variable in LOCKSHIM_LOG LOCKSHIM_TRACE; do
  try env "$variable=x" "$LOCKSHIM" run --library lib.so -- true
  expect_status 2
  expect_err "lockshim: $variable:1:1: "
done
