# SPDX-License-Identifier: BSD-2-Clause
# Without the runtime, whose functions are weak.
sef_unit_test(sef_wishes SOURCES ${PROJECT_SOURCE_DIR}/libsef/src/sef_wishes.c
  ${PROJECT_SOURCE_DIR}/libsef/src/sef_error.c ${PROJECT_SOURCE_DIR}/libsef/src/os/file.c)
target_include_directories(sef_wishes_test BEFORE PRIVATE ${PROJECT_SOURCE_DIR}/libsef/src
  ${PROJECT_SOURCE_DIR}/libsef/include ${PROJECT_SOURCE_DIR}/runtime/include)
