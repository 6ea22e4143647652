# SPDX-License-Identifier: MIT
# Run by cpack over what `cmake --install` put in its place: what only a package has.
cmake_policy(VERSION 3.18) # a script has none of its own
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(source ${CPACK_LOCKSHIM_SOURCE})

function(squeeze file)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB_RECURSE pages ${root}/usr/share/man/*.[1-9])
foreach(page IN LISTS pages)
  squeeze(${page})
endforeach()

if(CPACK_GENERATOR STREQUAL "RPM")
  file(COPY ${source}/LICENSE DESTINATION ${root}/usr/share/licenses/lockshim)
  file(COPY ${source}/CHANGELOG.md DESTINATION ${root}/usr/share/doc/lockshim)
  execute_process(COMMAND chmod -R go-w ${root} COMMAND_ERROR_IS_FATAL ANY)
  return()
endif()

set(doc ${root}/usr/share/doc/lockshim)
file(COPY ${source}/CHANGELOG.md DESTINATION ${doc})
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
squeeze(${doc}/changelog)

file(READ ${source}/LICENSE LICENSE)
string(REGEX REPLACE "^MIT License\n\n[^\n]*\n\n" "" LICENSE "${LICENSE}")
string(STRIP "${LICENSE}" LICENSE)
string(REPLACE "\n\n" "\n.\n" LICENSE "${LICENSE}")
string(REPLACE "\n" "\n " LICENSE " ${LICENSE}")
configure_file(${source}/packaging/deb/copyright ${doc}/copyright @ONLY)

set(VERSION ${CPACK_PACKAGE_VERSION})
set(RELEASE ${CPACK_DEBIAN_PACKAGE_RELEASE})
set(MAINTAINER ${CPACK_PACKAGE_CONTACT})
string(TIMESTAMP DATE "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH counts
configure_file(${source}/packaging/deb/changelog.in ${doc}/changelog.Debian @ONLY)
squeeze(${doc}/changelog.Debian)

configure_file(${source}/packaging/deb/lintian-overrides
               ${root}/usr/share/lintian/overrides/lockshim COPYONLY)

# Debian has two 32-bit libcs: libc6-i386 looks in lib32, libc6:i386 in lib/i386-linux-gnu.
set(places lib32 lib/i386-linux-gnu)
if(CPACK_LOCKSHIM_LIBDIR32 IN_LIST places)
  list(REMOVE_ITEM places ${CPACK_LOCKSHIM_LIBDIR32})
  file(RELATIVE_PATH there /${places} /${CPACK_LOCKSHIM_LIBDIR32})
  file(MAKE_DIRECTORY ${root}/usr/${places})
  foreach(name liblockshim.so lockshim)
    file(CREATE_LINK ${there}/${name} ${root}/usr/${places}/${name} SYMBOLIC)
  endforeach()
endif()

# Modes as the sources have them are those of somebody's checkout.
execute_process(COMMAND chmod -R go-w ${root} COMMAND_ERROR_IS_FATAL ANY)
