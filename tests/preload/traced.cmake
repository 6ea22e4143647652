# SPDX-License-Identifier: MIT
# What a preloaded program's trace has.
add_library(traced_lines STATIC traced_lines.c)
target_link_libraries(traced_lines PUBLIC preload_common parts lockshim_trace_reader)
preload_test(traced traced_lines)
preload_test(traced_lives traced_lines)
preload_test(traced_sites traced_lines)
preload_test(traced_jumped traced_lines)
# A clock of one's own, and a thousand processes: neither for the emulator nor for what the sanitizers make of each start.
if(NOT LOCKSHIM_CLASS AND NOT LOCKSHIM_SANITIZE)
  preload_test(traced_clock traced_lines)
  set_target_properties(test_preload_traced_clock PROPERTIES ENABLE_EXPORTS ON)
  preload_test(traced_killed traced_lines)
  preload_test(traced_midfork traced_lines)
  set_tests_properties(preload_traced_killed_shim PROPERTIES TIMEOUT 1000)
endif()
