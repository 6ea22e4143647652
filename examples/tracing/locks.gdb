# SPDX-License-Identifier: MIT
# gdb -p PID -x locks.gdb -ex continue: a line for each lock call of a running service that has
# lockshim loaded, with the code that made it. From its start on:
#   gdb -x locks.gdb -ex 'set environment LD_PRELOAD /usr/lib/x86_64-linux-gnu/liblockshim.so' \
#     -ex run --args PROGRAM ARGUMENT...
# The numbers are those of shim/probes.h: call 0 flock, 1 fcntl, 2 OFD, 3 lockf; operation 0 shared,
# 1 exclusive; families 1 flock, 2 OFD, 4 POSIX.
set pagination off
set breakpoint pending on

break -probe-stap lockshim:granted
commands
  silent
  printf "granted fd %d call %d operation %d families %d waited %lu us inode %lu\n", $_probe_arg0, $_probe_arg1, $_probe_arg2, $_probe_arg3, $_probe_arg4 / 1000, $_probe_arg5
  backtrace 12
  continue
end

break -probe-stap lockshim:refused
commands
  silent
  printf "refused fd %d call %d operation %d errno %d waited %lu us inode %lu\n", $_probe_arg0, $_probe_arg1, $_probe_arg2, $_probe_arg3, $_probe_arg4 / 1000, $_probe_arg5
  backtrace 12
  continue
end

break -probe-stap lockshim:released
commands
  silent
  printf "released fd %d call %d families %d held %lu us inode %lu\n", $_probe_arg0, $_probe_arg1, $_probe_arg2, $_probe_arg3 / 1000, $_probe_arg4
  continue
end
