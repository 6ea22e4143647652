# SPDX-License-Identifier: MIT
# A Debian package, and an RPM where the layout is that of RPM systems: `cpack -G DEB`, `cpack -G RPM`.
if(NOT LOCKSHIM_CLI OR LOCKSHIM_CLASS OR LOCKSHIM_SANITIZE OR NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  return()
endif()

set(LOCKSHIM_MAINTAINER "The lockshim authors <maintainers@lockshim.example>"
    CACHE STRING "Who answers for the packages, as NAME <ADDRESS>")
set(LOCKSHIM_PACKAGE_RELEASE 1 CACHE STRING "What stands behind the version in a package's name")

set(CPACK_PACKAGE_NAME lockshim)
set(CPACK_PACKAGE_CONTACT "${LOCKSHIM_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "file locks that work, for unmodified programs")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_VENDOR "The lockshim authors")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON) # the policy lies outside of the prefix
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/packaging/generator.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/stage.cmake)
set(CPACK_LOCKSHIM_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_LOCKSHIM_BUILD ${PROJECT_BINARY_DIR})
set(CPACK_LOCKSHIM_LIBDIR ${CMAKE_INSTALL_LIBDIR})
set(CPACK_LOCKSHIM_LIBDIR32 "")
if(TARGET class32)
  set(CPACK_LOCKSHIM_LIBDIR32 ${LOCKSHIM_LIBDIR32})
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${LOCKSHIM_PACKAGE_RELEASE})
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/deb/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE ${LOCKSHIM_PACKAGE_RELEASE})
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Libraries")
set(CPACK_RPM_PACKAGE_SUMMARY "File locks that work, for unmodified programs")
set(CPACK_RPM_CHANGELOG_FILE ${PROJECT_SOURCE_DIR}/packaging/rpm/changelog)
set(CPACK_RPM_USER_FILELIST "%config(noreplace) /etc/lockshim/policy.conf"
    "%license /usr/share/licenses/lockshim/LICENSE")
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc /usr/share/licenses /usr/share/man /usr/share/man/man1 /usr/share/man/man5
    /usr/share/man/man7 /usr/share/zsh /usr/share/zsh/site-functions /usr/share/bash-completion
    /usr/share/bash-completion/completions /usr/lib /usr/lib64)
# 32-bit programs bring the libc that the object for them needs, and nothing links with either.
set(CPACK_RPM_SPEC_MORE_DEFINE "%global _build_id_links none
%global __requires_exclude_from ^/usr/lib/.*$
%global __provides_exclude_from .*")
include(CPack)
