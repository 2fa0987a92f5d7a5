# SPDX-License-Identifier: BSD-2-Clause
# Manual pages: that they are whole, and tell of everything.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME tools.man COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/man/pages.py)
set_tests_properties(tools.man PROPERTIES ENVIRONMENT
  "SEF_BIN=${PROJECT_BINARY_DIR}/bin;SEF_SOURCE=${PROJECT_SOURCE_DIR}")
