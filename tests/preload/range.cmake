# SPDX-License-Identifier: MIT
# What fcntl and OFD calls become: each program bare, and under the settings that it is about.
function(range_test name settings)
  preload_test(${name} parts ${ARGN})
  set_property(TEST preload_${name}_shim APPEND PROPERTY ENVIRONMENT "LOCKSHIM_SET=${settings}")
endfunction()

range_test(range fcntl=ofd)
range_test(range_daemon fcntl=ofd)
range_test(range_answered fcntl=ofd)
range_test(range_crowded fcntl=ofd)
range_test(ofd_calls "flock=ofd\\;ofd=posix")

add_library(range_model STATIC range_model.c range_owner.c)
target_link_libraries(range_model PUBLIC parts)
range_test(range_random fcntl=ofd range_model)
preload_test_run(range_random_flock "test_preload_range_random;--flock")
set_property(TEST preload_range_random_flock_shim APPEND PROPERTY ENVIRONMENT
  "LOCKSHIM_SET=flock=ofd\\;fcntl=ofd")

# Programs that take flock and fcntl, once more where both became OFD locks.
preload_test_run(mixed_range test_preload_mixed)
set_property(TEST preload_mixed_range_shim APPEND PROPERTY ENVIRONMENT
  "LOCKSHIM_SET=flock=ofd\\;fcntl=ofd")

if(NOT LOCKSHIM_SANITIZE AND NOT LOCKSHIM_COVERAGE)
  add_executable(test_preload_range_calls range_calls.c)
  add_test(NAME preload_range_calls COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/range_calls.sh
    $<TARGET_FILE:lockshim> $<TARGET_FILE:test_preload_range_calls>)
  set_tests_properties(preload_range_calls PROPERTIES LABELS "${preload_labels}"
    SKIP_RETURN_CODE 77 ENVIRONMENT "TEST_EMULATOR=${preload_emulator}")
endif()

# The machine's own programs are of no other class and have no sanitizer.
if(NOT LOCKSHIM_SANITIZE AND NOT LOCKSHIM_CLASS)
  foreach(name range_sqlite ofd_calls_pair)
    add_test(NAME preload_${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/${name}.sh
      $<TARGET_FILE:lockshim>)
    set_tests_properties(preload_${name} PROPERTIES LABELS "${preload_labels}" TIMEOUT 1000
      SKIP_RETURN_CODE 77)
  endforeach()
endif()
