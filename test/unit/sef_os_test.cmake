# SPDX-License-Identifier: BSD-2-Clause
# Before the runtime's sources, which have an os/os.h too.
file(GLOB sef_os_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/libsef/src/os/*.c)
sef_unit_test(sef_os SOURCES ${sef_os_sources})
target_include_directories(sef_os_test BEFORE PRIVATE ${PROJECT_SOURCE_DIR}/libsef/src)
