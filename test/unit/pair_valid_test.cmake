# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(pair_valid SOURCES image_builder.c image_sample.c LIBS magic_pair)
