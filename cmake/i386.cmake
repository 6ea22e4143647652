# SPDX-License-Identifier: MIT
# 32-bit x86, by the compiler of an amd64 machine.
set(CMAKE_C_FLAGS_INIT -m32)
set(LOCKSHIM_CLASS i386 CACHE STRING "")
