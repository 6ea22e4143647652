# SPDX-License-Identifier: MIT
# Read by cpack once for each kind of package: what a package needs, and what it can't be made of.
file(READ ${CPACK_LOCKSHIM_SOURCE}/packaging/description text)
string(STRIP "${text}" text)
set(CPACK_RPM_PACKAGE_DESCRIPTION "${text}")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "${text}")

if(CPACK_GENERATOR STREQUAL "RPM")
  if(NOT CPACK_LOCKSHIM_LIBDIR STREQUAL "lib64")
    message(FATAL_ERROR "an RPM wants another layout: "
      "cmake --preset release -B build/rpm -DCMAKE_INSTALL_LIBDIR=lib64 -DLOCKSHIM_LIBDIR32=lib")
  endif()
  return()
endif()

# Of the 64-bit files alone: a 32-bit program has the libc that the 32-bit object needs.
set(place ${CPACK_LOCKSHIM_BUILD}/packaging/shlibdeps)
file(MAKE_DIRECTORY ${place}/debian)
file(WRITE ${place}/debian/control "Source: lockshim\n\nPackage: lockshim\nArchitecture: any\n")
execute_process(
  COMMAND dpkg-shlibdeps -O ${CPACK_LOCKSHIM_BUILD}/cli/lockshim
          ${CPACK_LOCKSHIM_BUILD}/shim/liblockshim.so
  WORKING_DIRECTORY ${place} RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE complaint)
if(failed OR NOT said MATCHES "shlibs:Depends=([^\n]+)")
  message(FATAL_ERROR "dpkg-shlibdeps (dpkg-dev): ${failed}\n${complaint}")
endif()
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${CMAKE_MATCH_1}")
