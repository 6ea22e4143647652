# SPDX-License-Identifier: MIT
# `run` exits as its command does, and as env and nohup do where there is none to run.
. "$(dirname "$0")/lib.sh"
stand_in lib.so

lockshim_run() {
  "$LOCKSHIM" run --library lib.so "$@"
}

try lockshim_run sh -c 'exit 7'
expect_status 7
try lockshim_run true
expect_status 0
expect_quiet
try lockshim_run sh -c 'kill -TERM $$'
expect_status 143

try lockshim_run no-such-command
expect_status 127
expect_err "lockshim: no-such-command: "
try lockshim_run ./no-such-file
expect_status 127
try lockshim_run ''
expect_status 127

: >plain
try lockshim_run ./plain
expect_status 126
expect_err "lockshim: ./plain: Permission denied"
try lockshim_run ./
expect_status 126
echo '#!/no/such/interpreter' >lost
chmod +x lost
try lockshim_run ./lost
expect_status 126
expect_err "lockshim: ./lost: its interpreter"

echo 'exit 5' >bare
chmod +x bare
try lockshim_run ./bare
expect_status 5
