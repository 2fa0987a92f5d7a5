# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(magic_base SOURCES image_builder.c LIBS magic_table)
