# SPDX-License-Identifier: BSD-2-Clause
# sefdump on a sample service: its image file, its process, and the service's own view of itself.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(inputs ${CMAKE_CURRENT_LIST_DIR}/sefdump/Inputs)
set(sample ${PROJECT_BINARY_DIR}/test/tools/sefdump-sample)
add_custom_command(OUTPUT ${sample}
  COMMAND sef-cc -O1 -Wall -Wextra ${inputs}/sample.c -o ${sample}
  DEPENDS ${inputs}/sample.c sef-cc MagicPass magicrt sef sef_start VERBATIM)
set(coverage ${PROJECT_BINARY_DIR}/test/tools/sefdump-coverage)
add_custom_command(OUTPUT ${coverage}
  COMMAND sef-cc -O1 -Wall -Wextra --sef-pool=pool_get:1 ${inputs}/coverage.c -o ${coverage}
  DEPENDS ${inputs}/coverage.c sef-cc MagicPass magicrt sef sef_start VERBATIM)
add_custom_target(sefdump-test-sample ALL DEPENDS ${sample} ${coverage})

file(GLOB suites CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/sefdump/*.py)
foreach(suite ${suites})
  cmake_path(GET suite STEM name)
  add_test(NAME tools.sefdump.${name} COMMAND ${Python3_EXECUTABLE} -B ${suite})
  set_tests_properties(tools.sefdump.${name} PROPERTIES TIMEOUT 300 ENVIRONMENT
    "SEFDUMP=$<TARGET_FILE:sefdump>;SEF_CC=$<TARGET_FILE:sef-cc>;SAMPLE=${sample};COVERAGE=${coverage};PYTHONPATH=${inputs}")
endforeach()
