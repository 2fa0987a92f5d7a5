# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(st_words SOURCES ${PROJECT_SOURCE_DIR}/runtime/src/st/words.c
  ${PROJECT_SOURCE_DIR}/runtime/src/st/marks.c LIBS magic_table)
