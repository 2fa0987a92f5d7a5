sef_unit_test(st_plan SOURCES ${PROJECT_SOURCE_DIR}/runtime/src/st/plan.c
  ${PROJECT_SOURCE_DIR}/runtime/src/st/convert.c LIBS magic_table)
