# SPDX-License-Identifier: MIT
# Cycles of waiting processes, each program under a state of its own.
set(deadlock_state "${CMAKE_CURRENT_BINARY_DIR}/state-of-tests")

add_library(deadlock_actors STATIC deadlock_actors.c)
target_link_libraries(deadlock_actors PUBLIC preload_common)

preload_test(deadlock deadlock_actors)
set_property(TEST preload_deadlock_shim APPEND PROPERTY ENVIRONMENT
  "LOCKSHIM_SET=flock=ofd\\;upgrade=atomic\\;state-dir=${deadlock_state}")

preload_test(state deadlock_actors)
