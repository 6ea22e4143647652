# SPDX-License-Identifier: MIT
# flock and fcntl in one program.
add_library(mixed_poller STATIC mixed_poller.c)
target_link_libraries(mixed_poller PUBLIC preload_common)

preload_test(mixed mixed_poller)
preload_test(mixed_fork mixed_poller parts)
preload_test(mixed_faults parts)
preload_test(mixed_ends parts)
preload_test(mixed_losses parts)
preload_test(getlk parts)

# They read the list of all the machine's locks again and again: 18 s where that has a thousand.
set_tests_properties(preload_getlk_shim PROPERTIES TIMEOUT 1000)

# The same under another rule.
foreach(name mixed mixed_fork getlk)
  add_test(NAME preload_${name}_both COMMAND test_preload_${name})
  set_tests_properties(preload_${name}_both PROPERTIES
    LABELS "${preload_labels}" TIMEOUT 600 SKIP_RETURN_CODE 77)
  set_property(TEST preload_${name}_both PROPERTY ENVIRONMENT ${preload_environment}
    "${preload_variable}=${preload}" "TEST_PRELOAD=${preload}" "LOCKSHIM_SET=flock=both"
    "LOCKSHIM_POLICY=${empty_policy}")
endforeach()
set_tests_properties(preload_getlk_both PROPERTIES TIMEOUT 1000)
