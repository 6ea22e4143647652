# SPDX-License-Identifier: MIT
# What a rule cannot keep is told by name.
add_library(hazard_acts STATIC hazard_acts.c)
target_link_libraries(hazard_acts PUBLIC preload_common)
preload_test(hazard_posix hazard_acts parts)
preload_test(hazard_close hazard_acts parts)
preload_test(hazard_moved hazard_acts parts)
preload_test(hazard_meet hazard_acts parts)
preload_test(hazard_shared hazard_acts parts)
preload_test(hazard_lost hazard_acts keeper_find)

# What names no hazard: all that is no matter of exclusion between the families.
if(NOT LOCKSHIM_CLASS)
  set(clean "")
  foreach(name objects answers signals fork threads numbers other_calls early files stale
      vfork_first unlearnt unlock close_all reopen reopen_refused mixed_faults rule_faults
      keeper_signals keeper_host)
    list(APPEND clean $<TARGET_FILE:test_preload_${name}>)
  endforeach()
  # The thread sanitizer takes a number of ours that the host closes in a loop for a race.
  if(LOCKSHIM_SANITIZE MATCHES thread)
    list(FILTER clean EXCLUDE REGEX close_all)
  endif()
  add_test(NAME preload_hazard_clean COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/hazard_clean.sh
    $<TARGET_FILE:test_preload_hazard_close> ${clean})
  set_tests_properties(preload_hazard_clean PROPERTIES LABELS "${preload_labels}" TIMEOUT 1000)
  set_property(TEST preload_hazard_clean PROPERTY ENVIRONMENT ${preload_environment}
    "TEST_PRELOAD=${preload}" "LOCKSHIM_POLICY=${empty_policy}")
endif()
