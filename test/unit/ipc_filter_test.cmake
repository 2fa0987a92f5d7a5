# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(ipc_filter LIBS sef_control)
