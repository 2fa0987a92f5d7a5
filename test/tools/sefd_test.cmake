# SPDX-License-Identifier: BSD-2-Clause
# sefd and sefctl against a service that speaks the wire protocol by hand and misbehaves on demand.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_executable(fake-service ${CMAKE_CURRENT_LIST_DIR}/Inputs/fake-service.c)
target_include_directories(fake-service PRIVATE ${PROJECT_SOURCE_DIR}/libsef/include)
target_link_libraries(fake-service PRIVATE sef_compile)

# Files for preflight: the smallest good image, and one without a state table.
set_source_files_properties(${PROJECT_BINARY_DIR}/lib/sef_start.o PROPERTIES EXTERNAL_OBJECT TRUE
  GENERATED TRUE)
foreach(image good-image tableless-image)
  add_library(${image} MODULE ${CMAKE_CURRENT_LIST_DIR}/Inputs/image.S
    ${PROJECT_BINARY_DIR}/lib/sef_start.o)
  set_target_properties(${image} PROPERTIES PREFIX "" LINKER_LANGUAGE C)
  target_include_directories(${image} PRIVATE ${PROJECT_SOURCE_DIR}/runtime/include)
  target_link_options(${image} PRIVATE -nostdlib -Wl,-Bsymbolic)
  add_dependencies(${image} sef_start)
endforeach()
target_compile_definitions(tableless-image PRIVATE NO_TABLE)

# Two versions of a service that sends messages, and one that cannot be updated to.
set(talk ${CMAKE_CURRENT_LIST_DIR}/Inputs/talk)
foreach(version v1 v2 bad)
  sef_cc_service(talk-${version} INCLUDES ${talk}/${version} ${talk}
    SOURCES ${talk}/talk.c ${talk}/flow.c ${talk}/closes.c)
endforeach()

set(sefd_test_programs fake-service good-image tableless-image)
set_target_properties(${sefd_test_programs} PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/tools
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/tools)

# A real service, which crashes on demand.
sef_cc_service(crashing SOURCES ${CMAKE_CURRENT_LIST_DIR}/Inputs/crashing.c)

file(GLOB suites CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/sefd/*.py)
foreach(suite ${suites})
  cmake_path(GET suite STEM name)
  add_test(NAME tools.sefd.${name} COMMAND ${Python3_EXECUTABLE} -B ${suite})
  set_tests_properties(tools.sefd.${name} PROPERTIES TIMEOUT 300 ENVIRONMENT
    "SEF_BIN=${PROJECT_BINARY_DIR}/bin;SEF_TEST_BIN=${PROJECT_BINARY_DIR}/test/tools")
  set_property(TEST tools.sefd.${name} APPEND PROPERTY ENVIRONMENT
    "PYTHONPATH=${CMAKE_CURRENT_LIST_DIR}/Inputs")
endforeach()
