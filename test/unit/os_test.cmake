# SPDX-License-Identifier: BSD-2-Clause
set(os_dir ${PROJECT_SOURCE_DIR}/runtime/src/os)
sef_unit_test(os SOURCES ${os_dir}/os_maps.c ${os_dir}/os_pages.c ${os_dir}/os_file.c
  ${os_dir}/os_process.c ${os_dir}/os_lock.c)
