# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(table_view SOURCES image_builder.c LIBS magic_table)
