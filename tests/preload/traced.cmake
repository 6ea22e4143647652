# SPDX-License-Identifier: MIT
# What a preloaded program's trace has.
add_library(traced_lines STATIC traced_lines.c)
target_link_libraries(traced_lines PUBLIC preload_common parts lockshim_trace_reader)
preload_test(traced traced_lines)
