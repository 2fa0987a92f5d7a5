# SPDX-License-Identifier: BSD-2-Clause
# The index alone, without the allocation wrappers, so that it can run under any sanitizer.
file(GLOB heap_index_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/runtime/src/heap/heap_*.c)
list(APPEND heap_index_sources ${PROJECT_SOURCE_DIR}/runtime/src/os/os_lock.c)
sef_unit_test(heap_index SOURCES ${heap_index_sources} LIBS magic_table)
sef_unit_test(heap_threads SOURCES ${heap_index_sources} LIBS magic_table)
sef_unit_test(heap_range SOURCES ${heap_index_sources} LIBS magic_table)
