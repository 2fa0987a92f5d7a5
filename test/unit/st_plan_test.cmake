sef_unit_test(st_plan SOURCES ${PROJECT_SOURCE_DIR}/runtime/src/st/convert.c
  ${PROJECT_SOURCE_DIR}/runtime/src/st/uthash.c
  ${PROJECT_SOURCE_DIR}/runtime/src/os/os_pages.c
  ${PROJECT_SOURCE_DIR}/runtime/src/st/number.c LIBS magic_pair)
