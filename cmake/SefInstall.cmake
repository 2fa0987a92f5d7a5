# SPDX-License-Identifier: BSD-2-Clause
# The installed tree. sef-cc finds its parts from its own place, so bin and lib are siblings whatever
# the distribution's library folder is called:
#
#   bin/sef-cc sefd sefctl sefdump
#   lib/libmagicrt.so lib/libsef.so lib/sef_start.o lib/sef.cfg
#   lib/magic/llvm-N/MagicPass.so        plugins of several LLVM releases side by side
#   lib/pkgconfig/libsef.pc
#   lib/systemd/system/sefd.service sefd@.service
#   share/man share/bash-completion share/zsh
#   include/magic include/st include/sef
install(TARGETS sefd sefctl sefdump RUNTIME DESTINATION bin)
install(TARGETS magicrt sef LIBRARY DESTINATION lib)
install(TARGETS MagicPass LIBRARY DESTINATION lib/magic/llvm-${SEF_LLVM_VERSION})
install(FILES ${PROJECT_BINARY_DIR}/lib/sef_start.o DESTINATION lib)
install(DIRECTORY runtime/include/magic runtime/include/st libsef/include/sef DESTINATION include
  FILES_MATCHING PATTERN "*.h" PATTERN "*.inc")

configure_file(${PROJECT_SOURCE_DIR}/cmake/libsef.pc.in ${PROJECT_BINARY_DIR}/libsef.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/libsef.pc DESTINATION lib/pkgconfig)
