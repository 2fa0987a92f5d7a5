sef_unit_test(st_marks SOURCES ${PROJECT_SOURCE_DIR}/runtime/src/st/marks.c
  ${PROJECT_SOURCE_DIR}/runtime/src/os/os_parallel.c LIBS magic_table)
