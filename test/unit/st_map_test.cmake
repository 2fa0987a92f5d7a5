# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(st_map SOURCES ${PROJECT_SOURCE_DIR}/runtime/src/st/map.c
  ${PROJECT_SOURCE_DIR}/runtime/src/st/map_valid.c LIBS magic_table)
