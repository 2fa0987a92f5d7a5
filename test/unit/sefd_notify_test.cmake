# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(sefd_notify LIBS sefd_parts)
