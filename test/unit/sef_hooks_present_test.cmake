# SPDX-License-Identifier: BSD-2-Clause
# The test defines the hooks, which libsef must find in the program.
sef_unit_test(sef_hooks_present LIBS sef magic_table)
set_target_properties(sef_hooks_present_test PROPERTIES ENABLE_EXPORTS ON)
