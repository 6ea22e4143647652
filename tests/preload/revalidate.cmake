# SPDX-License-Identifier: MIT
# on-lock = revalidate. The server speaks the kernel's protocol, whose header musl-gcc doesn't find.
if(NOT LOCKSHIM_CLASS STREQUAL musl)
  add_library(revalidate_server STATIC revalidate_server.c)
  target_link_libraries(revalidate_server PUBLIC preload_common)
  preload_test(revalidate revalidate_server)
  set_property(TEST preload_revalidate_shim APPEND PROPERTY ENVIRONMENT
    "LOCKSHIM_SET=on-lock=revalidate")

  add_executable(test_preload_revalidate_table revalidate_table.c
    ${PROJECT_SOURCE_DIR}/tests/nfs/renewals.c)
  target_link_libraries(test_preload_revalidate_table PRIVATE revalidate_server)
  add_test(NAME preload_revalidate_table COMMAND test_preload_revalidate_table)
  set_tests_properties(preload_revalidate_table PROPERTIES
    LABELS "${preload_labels}" TIMEOUT 600 SKIP_RETURN_CODE 77)
  set_property(TEST preload_revalidate_table PROPERTY ENVIRONMENT ${preload_environment})
endif()

if(NOT LOCKSHIM_SANITIZE AND NOT LOCKSHIM_COVERAGE)
  add_test(NAME preload_revalidate_calls COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/revalidate_calls.sh
    $<TARGET_FILE:lockshim> $<TARGET_FILE:test_preload_calls>)
  set_tests_properties(preload_revalidate_calls PROPERTIES LABELS "${preload_labels}"
    SKIP_RETURN_CODE 77 ENVIRONMENT "TEST_EMULATOR=${preload_emulator}")
endif()
