# SPDX-License-Identifier: BSD-2-Clause
# Generations: images are linked by hand, once for each way in which linkers lay them out.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# The runtime without state transfer and expressions, with its internal functions visible: the tests
# seal images without a state table.
file(GLOB image_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/runtime/src/table/*.c
  ${PROJECT_SOURCE_DIR}/runtime/src/heap/*.c ${PROJECT_SOURCE_DIR}/runtime/src/image/*.c
  ${PROJECT_SOURCE_DIR}/runtime/src/os/*.c)
add_library(magicrt_visible SHARED ${image_sources} image/Inputs/transfer.c)
target_include_directories(magicrt_visible PRIVATE ${PROJECT_SOURCE_DIR}/runtime/include
  ${PROJECT_SOURCE_DIR}/runtime/src)
target_link_libraries(magicrt_visible PRIVATE sef_compile)
target_compile_options(magicrt_visible PRIVATE -fno-builtin-malloc)
set_target_properties(magicrt_visible PROPERTIES OUTPUT_NAME magicrt SOVERSION 1
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/image/lib)

configure_file(image/lit.site.cfg.py.in image/lit.site.cfg.py @ONLY)
function(image_layout name)
  list(JOIN ARGN " " flags)
  add_test(NAME runtime.image.${name} COMMAND ${Python3_EXECUTABLE}
    /usr/lib/llvm-${SEF_LLVM_VERSION}/build/utils/lit/lit.py -sv
    --param layout=${name} --param "flags=${flags}" ${CMAKE_CURRENT_BINARY_DIR}/image)
endfunction()
image_layout(bfd -fuse-ld=bfd)
image_layout(bfd-noseparate-code -fuse-ld=bfd -Wl,-z,noseparate-code)
image_layout(bfd-norelro -fuse-ld=bfd -Wl,-z,norelro)
image_layout(bfd-now-sysv-hash -fuse-ld=bfd -Wl,-z,now -Wl,--hash-style=sysv)
image_layout(gold -fuse-ld=gold)
image_layout(lld -fuse-ld=lld)
image_layout(lld-norosegment -fuse-ld=lld -Wl,--no-rosegment)
image_layout(lld-norelro-gc -fuse-ld=lld -Wl,-z,norelro -Wl,--gc-sections)
