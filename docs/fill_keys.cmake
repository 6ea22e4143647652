# SPDX-License-Identifier: MIT
# Puts the output of `lockshim check --keys` (KEYS) into TEMPLATE, as scdoc, and writes OUTPUT.
file(READ ${KEYS} keys)
string(REGEX REPLACE "([_*\\])" "\\\\\\1" keys "${keys}")

function(select_keys role line ret)
  string(REGEX REPLACE "([^\t\n]+)\t${role}\t([^\t]+)\t([^\t]+)\t([^\n]+)\n" "${line}" text
         "${keys}")
  string(REGEX REPLACE "[^\t\n]+\t[^\t\n]+\t[^\n]+\n" "" text "${text}")
  set(${ret} "${text}" PARENT_SCOPE)
endfunction()

select_keys(match "*\\1* = _\\2_\n\t\\4\n\n" MATCH_KEYS)
select_keys(action "*\\1* = \\2\n\t\\4 Default: *\\3*.\n\n" ACTION_KEYS)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
