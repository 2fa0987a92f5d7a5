# SPDX-License-Identifier: BSD-2-Clause
# Each script is one behaviour; it runs in an empty folder with the wrapper's path as its argument.
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/sef-cc/*.sh)
foreach(script ${scripts})
  cmake_path(GET script STEM name)
  add_test(NAME tools.sef-cc.${name}
    COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/sef-cc/Inputs/run.sh ${script} $<TARGET_FILE:sef-cc>
      ${CMAKE_CURRENT_BINARY_DIR}/sef-cc/${name} ${CMAKE_COMMAND} ${PROJECT_BINARY_DIR})
endforeach()
