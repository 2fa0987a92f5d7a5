# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(table_hostile SOURCES image_builder.c image_sample.c image_walk.c LIBS magic_table)
