# SPDX-License-Identifier: MIT
# Puts the names that MAP exports and the hazards that HAZARDS (shim/hazard.c) has into TEMPLATE, as
# scdoc, and writes OUTPUT.
file(READ ${MAP} map)
string(REPLACE ";" "," map "${map}") # a list's separator
string(REGEX MATCHALL "[A-Za-z0-9_]+," names "${map}")
list(TRANSFORM names REPLACE "(.+)," "*\\1*")
list(JOIN names ", " WRAPPED)
string(REPLACE "_" "\\_" WRAPPED "${WRAPPED}")

file(READ ${HAZARDS} source)
if(NOT source MATCHES "#define NOT_POSIX[ \\\n\t]*(\"[^\"]*\")")
  message(FATAL_ERROR "${HAZARDS}: NOT_POSIX was not found")
endif()
string(REPLACE "NOT_POSIX" "${CMAKE_MATCH_1}" source "${source}")
string(REGEX REPLACE "\"[ \n\t]+\"" "" source "${source}")
string(ASCII 1 mark)
string(REPLACE ";" "${mark}" source "${source}") # a list's separator
string(REGEX MATCHALL "\\[HAZARD_[A-Z_]+\\] = { [^}]+}" rows "${source}")
set(HAZARD_ROWS "")
foreach(row IN LISTS rows)
  if(NOT row MATCHES "{ \"([^\"]+)\",[ \n\t]*\"([^\"]+)\",[ \n\t]*\"([^\"]+)\"")
    message(FATAL_ERROR "${HAZARDS}: not read: ${row}")
  endif()
  string(APPEND HAZARD_ROWS "|  ${CMAKE_MATCH_1}\n:  ${CMAKE_MATCH_2}\n:  ${CMAKE_MATCH_3}\n")
endforeach()
if(HAZARD_ROWS STREQUAL "")
  message(FATAL_ERROR "${HAZARDS}: no hazard was found")
endif()
string(REPLACE "${mark}" ";" HAZARDS "${HAZARD_ROWS}")
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
