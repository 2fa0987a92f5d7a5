# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(st_diff SOURCES image_builder.c image_sample.c LIBS magic_pair)
