# SPDX-License-Identifier: MIT
# This machine's musl.
set(CMAKE_C_COMPILER musl-gcc)
set(LOCKSHIM_CLASS musl CACHE STRING "")
