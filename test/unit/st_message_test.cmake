# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(st_message LIBS magic_pair)
