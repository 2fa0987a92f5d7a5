# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(eval SOURCES image_builder.c image_sample.c LIBS magic_eval_core)
