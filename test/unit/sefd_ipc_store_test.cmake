# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(sefd_ipc_store LIBS sefd_parts)
