# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(sef_error SOURCES ${PROJECT_SOURCE_DIR}/libsef/src/sef_error.c)
target_include_directories(sef_error_test BEFORE PRIVATE ${PROJECT_SOURCE_DIR}/libsef/src
  ${PROJECT_SOURCE_DIR}/libsef/include ${PROJECT_SOURCE_DIR}/runtime/include)
