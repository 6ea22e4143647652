# SPDX-License-Identifier: MIT
# The log's own code, without the shim around it; the shim's own tests of it are at the end.
add_library(log_acts STATIC log_acts.c)
foreach(part log log_call log_text log_to quiet say)
  target_sources(log_acts PRIVATE ${PROJECT_SOURCE_DIR}/shim/${part}.c)
endforeach()
target_compile_options(log_acts PRIVATE -U_TIME_BITS)
target_link_libraries(log_acts PUBLIC preload_common lockshim_policy lockshim_trace_writer)

foreach(name line file stderr syslog crowd)
  add_executable(test_preload_log_${name} log_${name}.c)
  target_link_libraries(test_preload_log_${name} PRIVATE log_acts)
  add_test(NAME preload_log_${name} COMMAND test_preload_log_${name})
  set_tests_properties(preload_log_${name} PROPERTIES
    LABELS "${preload_labels}" TIMEOUT 600 SKIP_RETURN_CODE 77)
  set_property(TEST preload_log_${name} PROPERTY ENVIRONMENT ${preload_environment})
endforeach()

preload_test(log)
preload_test(trace_place)
