# SPDX-License-Identifier: MIT
# preload_test(NAME [LIBRARY…]): NAME.c is one program, a promise, and run twice: bare, which shows
# what the kernel does, and preloaded, which shows what we do.
set(preload_labels preload ${LOCKSHIM_CLASS})
set(empty_policy ${CMAKE_CURRENT_LIST_DIR}/empty.conf)

# The sanitizer's runtime has to come first.
if(sanitizer_runtime)
  set(preload "${sanitizer_runtime}:$<TARGET_FILE:lockshim>")
else()
  set(preload "$<TARGET_FILE:lockshim>")
endif()

# An emulator is this machine's program, and is told what to preload into the one that it runs.
set(preload_variable LD_PRELOAD)
set(preload_environment "ASAN_OPTIONS=detect_leaks=0:handle_segv=0" "TSAN_OPTIONS=die_after_fork=0")
set(preload_emulator "")
if(CMAKE_CROSSCOMPILING_EMULATOR)
  list(GET CMAKE_CROSSCOMPILING_EMULATOR 0 preload_emulator)
  set(preload_variable QEMU_SET_ENV=LD_PRELOAD)
  list(APPEND preload_environment "TEST_EMULATOR=${preload_emulator}"
    "QEMU_LD_PREFIX=${CMAKE_FIND_ROOT_PATH}")
endif()

function(preload_test name)
  add_executable(test_preload_${name} ${name}.c)
  target_link_libraries(test_preload_${name} PRIVATE preload_common ${ARGN})
  preload_test_run(${name} test_preload_${name})
endfunction()

function(preload_test_run name program)
  add_test(NAME preload_${name}_bare COMMAND ${program})
  add_test(NAME preload_${name}_shim COMMAND ${program})
  set_tests_properties(preload_${name}_bare preload_${name}_shim PROPERTIES
    LABELS "${preload_labels}" TIMEOUT 600 SKIP_RETURN_CODE 77)
  set_property(TEST preload_${name}_bare PROPERTY ENVIRONMENT ${preload_environment})
  set_property(TEST preload_${name}_shim PROPERTY ENVIRONMENT ${preload_environment}
    "${preload_variable}=${preload}" "TEST_PRELOAD=${preload}" "LOCKSHIM_SET=flock=ofd"
    "LOCKSHIM_POLICY=${empty_policy}")
endfunction()
