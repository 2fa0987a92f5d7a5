# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(sefd_settings LIBS sefd_parts)
