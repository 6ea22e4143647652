# SPDX-License-Identifier: MIT
# What is traced and logged of a file, and who says so: a rule, over it -o, under it the variables.
. "$(dirname "$0")/lib.sh"
: >file

# KEY VALUE FROM, as the table has them; FROM to the end of the line.
shows() {
  grep -q "^$1  *$2  *$3\$" "$work/out" || fail "expected: $1 $2 $3"
}

policy rules.conf <<'END'
[rule other]
path = /no-such/**
trace-size = 64M
trace-full = overwrite
[rule quiet]
service = web
log = no
[rule all]
trace = contended
log-to = syslog
END
try "$LOCKSHIM" explain -p rules.conf file
expect_status 0
shows trace contended "$here/rules.conf:9"
shows trace-size 64M "$here/rules.conf:3"
shows trace-full overwrite "$here/rules.conf:4"
shows log-to syslog "$here/rules.conf:10"
grep -q '^log  ' "$work/out" && fail "log was written by nobody"
grep -q '^flock LOCK_EX  *unchanged$' "$work/out" || fail "a call became another"

export LOCKSHIM_LOG=stderr LOCKSHIM_TRACE=/var/tmp/t
try "$LOCKSHIM" explain -p rules.conf file
shows trace contended "$here/rules.conf:9"
shows trace-directory /var/tmp/t LOCKSHIM_TRACE
shows log all LOCKSHIM_LOG
shows log-to stderr LOCKSHIM_LOG
try "$LOCKSHIM" explain -p rules.conf -s web file
shows log no "$here/rules.conf:7"
shows trace all LOCKSHIM_TRACE
try "$LOCKSHIM" explain -p rules.conf -o 'log-to=/x/y; trace=no; trace-size=100K' file
shows log-to /x/y -o
shows log all LOCKSHIM_LOG
shows trace no -o
shows trace-size 100K -o

unset LOCKSHIM_LOG LOCKSHIM_TRACE
try "$LOCKSHIM" explain -J -p rules.conf file
tr -d ' \n' <"$work/out" >"$work/one"
mv "$work/one" "$work/out"
expect_out '{"key":"trace-directory","value":null,"from":"default"}' \
  '{"key":"trace-size","value":"64M",' '{"key":"log-to","value":"syslog",' \
  '{"key":"log","value":"no","from":"default"}'
