# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(sef_hooks_absent LIBS sef)
