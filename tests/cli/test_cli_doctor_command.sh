# SPDX-License-Identifier: MIT
# doctor -- COMMAND tells beforehand what keeps the library from a program's locks.
. "$(dirname "$0")/lib.sh"
stand_in lib.so
: >none.conf
program dynamic

try "$LOCKSHIM" doctor --library lib.so -p none.conf -o flock=ofd -- ./dynamic --help
expect_status 0
expect_quiet
expect_out "command ./dynamic" "executable     $here/dynamic" "$here/lib.so" "No problem found."
try "$LOCKSHIM" doctor --library lib.so -p none.conf -- ./dynamic
expect_status 0
expect_out "no rule of the policy is for it"
printf '[rule this]\nprogram = dynamic\nflock = ofd\n[rule that]\nprogram = other\nflock = ofd\n' |
  policy program.conf
try "$LOCKSHIM" doctor --library lib.so -p program.conf -- ./dynamic
expect_not_in_out "no rule of the policy"
try "$LOCKSHIM" doctor --library lib.so -- no-such-command
expect_status 2
expect_err "lockshim: no-such-command: "

# Without -- it is a file to lock.
try "$LOCKSHIM" doctor -p none.conf ./dynamic
expect_out "file system"

# The kernel's flock, and only a constant of that number.
case $(uname -m) in
x86_64) call='long a; __asm__ volatile("movl $73, %%eax\n\tsyscall" : "=a"(a) : : "rcx", "r11")' ;;
aarch64) call='__asm__ volatile("mov x8, #32\n\tsvc #0" : : : "x0", "x8")' ;;
*) call= ;;
esac
if [ -n "$call" ]; then
  printf 'int main(void) { %s; return 0; }\n' "$call" >past.c
  "${CC:-cc}" -o past past.c || fail "past.c"
  try "$LOCKSHIM" doctor --library lib.so -p none.conf -- ./past
  expect_status 1
  expect_out "calls the kernel's flock past libc"
  echo 'int number(void); int number(void) { return 73; } int main(void) { return number(); }' >const.c
  "${CC:-cc}" -O0 -o const const.c || fail "const.c"
  try "$LOCKSHIM" doctor --library lib.so -p none.conf -- ./const
  expect_status 0
fi

program static -static
try "$LOCKSHIM" doctor --library lib.so -p none.conf -- ./static
expect_status 1
expect_out "statically linked"
echo "#!$here/static" >script
chmod +x script
try "$LOCKSHIM" doctor --library lib.so -p none.conf -J -- ./script
expect_status 1
expect_out '"problems": [' "$here/static: statically linked"
