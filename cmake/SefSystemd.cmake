# SPDX-License-Identifier: BSD-2-Clause
# Units of systemd. They name programs by absolute path, so that they are made for the build tree, where
# they are tested, and again when the place of installation is known.
set(sef_units sefd.service sefd@.service)
set(SEF_BINDIR ${PROJECT_BINARY_DIR}/bin)
foreach(unit ${sef_units})
  configure_file(${PROJECT_SOURCE_DIR}/script/systemd/${unit}.in
    ${PROJECT_BINARY_DIR}/lib/systemd/${unit} @ONLY)
  install(CODE "
    set(SEF_BINDIR \${CMAKE_INSTALL_PREFIX}/bin)
    configure_file(\"${PROJECT_SOURCE_DIR}/script/systemd/${unit}.in\"
      \"${PROJECT_BINARY_DIR}/installed/${unit}\" @ONLY)")
  install(FILES ${PROJECT_BINARY_DIR}/installed/${unit} DESTINATION lib/systemd/system)
endforeach()
