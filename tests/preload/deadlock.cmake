# SPDX-License-Identifier: MIT
# Cycles of waiting processes, each program under a state of its own.
set(deadlock_state "${CMAKE_CURRENT_BINARY_DIR}/state-of-tests")

add_library(deadlock_actors STATIC deadlock_actors.c)
target_link_libraries(deadlock_actors PUBLIC preload_common)

preload_test(deadlock deadlock_actors)
set_property(TEST preload_deadlock_shim APPEND PROPERTY ENVIRONMENT
  "LOCKSHIM_SET=flock=ofd\\;upgrade=atomic\\;state-dir=${deadlock_state}")

preload_test(state deadlock_actors)

# The same by fcntl; bare, the kernel looks for cycles of POSIX locks itself.
add_test(NAME preload_deadlock_record_shim COMMAND test_preload_deadlock record)
set_tests_properties(preload_deadlock_record_shim PROPERTIES
  LABELS "${preload_labels}" TIMEOUT 600 SKIP_RETURN_CODE 77)
set_property(TEST preload_deadlock_record_shim PROPERTY ENVIRONMENT ${preload_environment}
  "${preload_variable}=${preload}" "TEST_PRELOAD=${preload}" "LOCKSHIM_POLICY=${empty_policy}"
  "LOCKSHIM_SET=fcntl=ofd\\;state-dir=${deadlock_state}")
