# SPDX-License-Identifier: MIT
# A program for another machine is named, whatever its byte order.
. "$(dirname "$0")/lib.sh"
stand_in lib.so

# The first bytes of an ELF header: class, byte order, version, type, machine.
header() {
  { printf '\177ELF'; printf '%b' "$1"; head -c 100 /dev/zero; } >"$2"
  chmod +x "$2"
}

header '\0002\0002\0001\0000\0000\0000\0000\0000\0000\0000\0000\0000\0000\0002\0000\0026' s390
header '\0002\0001\0001\0000\0000\0000\0000\0000\0000\0000\0000\0000\0002\0000\0363\0000' riscv
case $(uname -m) in s390x | riscv64) skip "one of them is this machine" ;; esac
try "$LOCKSHIM" run --library lib.so ./s390
expect_err "lockshim: warning: ./s390: 64-bit s390, and"
try "$LOCKSHIM" run --library lib.so ./riscv
expect_err "lockshim: warning: ./riscv: 64-bit RISC-V, and"

# A header and nothing behind it is for the shell to refuse, as execvp has it.
printf '\177ELF' >short
chmod +x short
try "$LOCKSHIM" run --library lib.so ./short
expect_status 127
expect_not_in_err lockshim
