# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(table_valid SOURCES image_builder.c image_sample.c LIBS magic_table)
