# SPDX-License-Identifier: BSD-2-Clause
# Completion in bash and, where it is installed, zsh.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME tools.completions COMMAND ${Python3_EXECUTABLE} -B
  ${CMAKE_CURRENT_LIST_DIR}/completions/complete.py)
set_tests_properties(tools.completions PROPERTIES ENVIRONMENT
  "SEF_BIN=${PROJECT_BINARY_DIR}/bin;SEF_COMPLETIONS=${PROJECT_SOURCE_DIR}/tools/completions")
