# SPDX-License-Identifier: BSD-2-Clause
# Allocation wrappers in front of several allocators: the same tests with glibc's malloc behind
# them, with jemalloc linked behind them or preloaded in front of them, with a preloaded library
# that only passes calls on, and under valgrind.
find_package(PkgConfig REQUIRED)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
find_library(JEMALLOC NAMES libjemalloc.so.2 libjemalloc.so REQUIRED)
find_program(VALGRIND valgrind REQUIRED)

# Debian 12's valgrind gives up on clang's DWARF 5.
add_library(heap_compile INTERFACE)
target_compile_options(heap_compile INTERFACE -fno-builtin -fdebug-default-version=4)
target_link_libraries(heap_compile INTERFACE sef_compile)

# The wrappers and the index with their internal functions visible.
file(GLOB heap_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/runtime/src/heap/*.c)
add_library(magicheap SHARED ${heap_sources} ${PROJECT_SOURCE_DIR}/runtime/src/os/os_lock.c)
target_include_directories(magicheap PUBLIC ${PROJECT_SOURCE_DIR}/runtime/include
  ${PROJECT_SOURCE_DIR}/runtime/src)
target_link_libraries(magicheap PRIVATE heap_compile)
target_compile_options(magicheap PRIVATE -fvisibility=protected)
set_target_properties(magicheap PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/heap)

# A library to load later, whose calls the linker has not seen.
add_library(heap_late MODULE heap/late.c)
target_link_libraries(heap_late PRIVATE heap_compile)
set_target_properties(heap_late PROPERTIES PREFIX ""
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/heap)

add_library(heap_tracer MODULE heap/tracer.c)
target_link_libraries(heap_tracer PRIVATE heap_compile)
set_target_properties(heap_tracer PROPERTIES PREFIX ""
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/heap)

# heap_program(NAME SOURCE library...): the wrappers come first, as in a service image.
function(heap_program name source)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE magicheap ${ARGN} PkgConfig::CMOCKA heap_compile)
  target_compile_definitions(${name} PRIVATE HEAP_LATE="$<TARGET_FILE:heap_late>")
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/heap)
  add_dependencies(${name} heap_late)
endfunction()

foreach(name records threads pools collected cleared mappings)
  heap_program(heap_${name} heap/${name}.c)
  add_test(NAME runtime.heap.${name} COMMAND heap_${name})
  add_test(NAME runtime.heap.${name}.jemalloc-preloaded COMMAND heap_${name})
  set_tests_properties(runtime.heap.${name}.jemalloc-preloaded PROPERTIES
    ENVIRONMENT "LD_PRELOAD=${JEMALLOC}")
  add_test(NAME runtime.heap.${name}.tracer-preloaded COMMAND heap_${name})
  set_tests_properties(runtime.heap.${name}.tracer-preloaded PROPERTIES
    ENVIRONMENT "LD_PRELOAD=$<TARGET_FILE:heap_tracer>")
endforeach()

# jemalloc as what the program itself was linked with.
heap_program(heap_records_jemalloc heap/records.c ${JEMALLOC})
add_test(NAME runtime.heap.records.jemalloc-linked COMMAND heap_records_jemalloc)

# The real libmagicrt in a service image, read from outside as a tool does.
add_library(heap_layout MODULE heap/layout.c)
target_include_directories(heap_layout PRIVATE ${PROJECT_SOURCE_DIR}/runtime/src)
target_link_libraries(heap_layout PRIVATE magicrt heap_compile
  ${PROJECT_BINARY_DIR}/lib/sef_start.o)
target_link_options(heap_layout PRIVATE -Wl,-Bsymbolic,-z,defs,-e,_sef_start)
add_dependencies(heap_layout sef_start)
set_target_properties(heap_layout PROPERTIES PREFIX "" SUFFIX ""
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/heap)
add_test(NAME runtime.heap.layout COMMAND $<TARGET_FILE:heap_layout>)
add_test(NAME runtime.heap.layout.jemalloc-preloaded COMMAND $<TARGET_FILE:heap_layout>)
set_tests_properties(runtime.heap.layout.jemalloc-preloaded PROPERTIES
  ENVIRONMENT "LD_PRELOAD=${JEMALLOC}")

# memcheck puts its own functions in place of any malloc, the wrappers' included, unless told
# otherwise: then nothing is recorded. Both ways must run clean.
set(memcheck ${VALGRIND} -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite)
add_test(NAME runtime.heap.records.valgrind COMMAND ${memcheck}
  --soname-synonyms=somalloc=nouserintercepts $<TARGET_FILE:heap_records>)
add_test(NAME runtime.heap.threads.valgrind COMMAND ${memcheck}
  --soname-synonyms=somalloc=nouserintercepts $<TARGET_FILE:heap_threads> few)
add_test(NAME runtime.heap.threads.valgrind-bypassed COMMAND ${memcheck}
  $<TARGET_FILE:heap_threads> few unrecorded)

# What all this costs; not a test, and built on demand only.
add_executable(heap_overhead EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/bench/heap_overhead.c)
target_link_libraries(heap_overhead PRIVATE magicheap heap_compile)
