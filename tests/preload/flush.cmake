# SPDX-License-Identifier: MIT
# What is flushed before a lock is let go.
if(NOT LOCKSHIM_SANITIZE AND NOT LOCKSHIM_COVERAGE)
  add_library(flush_early SHARED flush_early.c)
  add_executable(test_preload_flush_calls flush_calls.c)
  target_link_options(test_preload_flush_calls PRIVATE -Wl,--no-as-needed)
  target_link_libraries(test_preload_flush_calls PRIVATE flush_early)
  add_test(NAME preload_flush_calls COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/flush_calls.sh
    $<TARGET_FILE:lockshim> $<TARGET_FILE:test_preload_flush_calls>)
  set_tests_properties(preload_flush_calls PROPERTIES LABELS "${preload_labels}" TIMEOUT 1000
    SKIP_RETURN_CODE 77 ENVIRONMENT "TEST_EMULATOR=${preload_emulator}")
endif()

# It writes a seccomp filter, and musl-gcc has none of the kernel's headers.
if(NOT LOCKSHIM_CLASS STREQUAL musl)
  preload_test(flush parts)
endif()

# The machine's own programs are of no other class and have no sanitizer.
if(NOT LOCKSHIM_SANITIZE AND NOT LOCKSHIM_COVERAGE AND NOT LOCKSHIM_CLASS)
  add_test(NAME preload_flush_hosts COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/flush_hosts.sh
    $<TARGET_FILE:lockshim>)
  set_tests_properties(preload_flush_hosts PROPERTIES LABELS "${preload_labels}"
    SKIP_RETURN_CODE 77)
endif()
