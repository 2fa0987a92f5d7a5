# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(control LIBS sef_control)
