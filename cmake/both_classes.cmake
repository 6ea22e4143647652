# SPDX-License-Identifier: MIT
# The 32-bit build of what is preloaded, beside the 64-bit one: /usr/$LIB/… names the fitting one to
# every program. The project itself again, with -m32, so that all targets of shim/ are made twice.
set(LOCKSHIM_BOTH_CLASSES AUTO CACHE STRING "Build and install for 32-bit programs too: AUTO, ON, OFF")
if(NOT LOCKSHIM_BOTH_CLASSES OR LOCKSHIM_CLASS OR LOCKSHIM_SANITIZE OR LOCKSHIM_COVERAGE)
  return()
endif()

include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -m32)
check_c_source_compiles("#include <errno.h>
  #if !defined __i386__ || !defined __GLIBC__
  #error another class
  #endif
  int main(void) { return 0; }" LOCKSHIM_CAN_M32)
unset(CMAKE_REQUIRED_FLAGS)
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$" OR NOT LOCKSHIM_CAN_M32)
  if(LOCKSHIM_BOTH_CLASSES STREQUAL ON)
    message(FATAL_ERROR "LOCKSHIM_BOTH_CLASSES: the compiler makes no 32-bit programs; "
                        "install gcc-multilib")
  endif()
  message(STATUS "no 32-bit compiler: the library is built for 64-bit programs alone")
  return()
endif()

# What stands for $LIB is built into each loader, and differs between two packages of the same one
# (Debian's libc6-i386: lib32, libc6:i386: lib/i386-linux-gnu). So the loader is asked.
function(ask_loader ret)
  set(source ${PROJECT_BINARY_DIR}/ask_loader.c)
  file(WRITE ${source} "int main(void) { return 0; }\n")
  try_compile(made ${PROJECT_BINARY_DIR}/ask_loader ${source}
    COMPILE_DEFINITIONS -m32 LINK_OPTIONS -m32 COPY_FILE ${PROJECT_BINARY_DIR}/ask_loader.bin)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env LD_DEBUG=libs "LD_LIBRARY_PATH=/loader/\$LIB"
            ${PROJECT_BINARY_DIR}/ask_loader.bin
    OUTPUT_QUIET ERROR_VARIABLE said)
  set(${ret} "" PARENT_SCOPE)
  # The plain directory is the last of the path's.
  if(said MATCHES "search path=[^\t]*/loader/([^\t:]+)[ \t]*\\(LD_LIBRARY_PATH\\)")
    set(${ret} ${CMAKE_MATCH_1} PARENT_SCOPE)
  endif()
endfunction()

if(NOT DEFINED LOCKSHIM_LIBDIR32)
  ask_loader(libdir32)
  set(LOCKSHIM_LIBDIR32 "${libdir32}" CACHE STRING
      "Where 32-bit libraries go below the prefix: what $LIB is to the 32-bit loader")
endif()
if(NOT LOCKSHIM_LIBDIR32)
  message(STATUS "32-bit programs do not run here: set LOCKSHIM_LIBDIR32 to build for them")
  return()
endif()
if(LOCKSHIM_LIBDIR32 STREQUAL CMAKE_INSTALL_LIBDIR)
  message(STATUS "both word sizes would go to ${LOCKSHIM_LIBDIR32}: only the 64-bit one is built")
  return()
endif()
message(STATUS "32-bit library: ${LOCKSHIM_LIBDIR32}")

include(ExternalProject)
set(class32 ${PROJECT_BINARY_DIR}/class32)
ExternalProject_Add(class32
  PREFIX ${class32}/steps
  SOURCE_DIR ${PROJECT_SOURCE_DIR}
  BINARY_DIR ${class32}
  CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/cmake/i386.cmake
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
    -DCMAKE_INSTALL_PREFIX=${CMAKE_INSTALL_PREFIX} -DCMAKE_INSTALL_LIBDIR=${LOCKSHIM_LIBDIR32}
    -DLOCKSHIM_POLICY_FILE=${LOCKSHIM_POLICY_FILE} -DLOCKSHIM_WERROR=${LOCKSHIM_WERROR}
    -DLOCKSHIM_CLI=OFF -DBUILD_TESTING=OFF
  BUILD_ALWAYS ON
  INSTALL_COMMAND "")
# Under this install's own DESTDIR and prefix.
install(SCRIPT ${class32}/cmake_install.cmake)
