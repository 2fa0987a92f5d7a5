# SPDX-License-Identifier: BSD-2-Clause
# The test defines some of the runtime's hooks, which libsef must find in the program.
sef_unit_test(sef_st LIBS sef)
set_target_properties(sef_st_test PROPERTIES ENABLE_EXPORTS ON)
