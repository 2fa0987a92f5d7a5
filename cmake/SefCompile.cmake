# SPDX-License-Identifier: BSD-2-Clause
# Warnings and language options of our own C code, as one interface target. Debian 12's valgrind
# cannot read clang's DWARF 5, and services run under it together with our libraries.
add_library(sef_compile INTERFACE)
target_compile_options(sef_compile INTERFACE
  $<$<COMPILE_LANGUAGE:C>:-std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wformat=2 -Wvla -Wcast-qual -Wundef>
  $<$<AND:$<COMPILE_LANGUAGE:C>,$<BOOL:${SEF_WERROR}>>:-Werror>
  $<$<CONFIG:Debug,RelWithDebInfo>:-gdwarf-4>)
target_compile_definitions(sef_compile INTERFACE _GNU_SOURCE)

# Tools and unit tests take the sanitizers asked for; the runtime inside a service does not take
# ASan, because it is itself an allocator wrapper.
add_library(sef_sanitize INTERFACE)
if(SEF_SANITIZE)
  target_compile_options(sef_sanitize INTERFACE -fsanitize=${SEF_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(sef_sanitize INTERFACE -fsanitize=${SEF_SANITIZE})
endif()

# sef_sanitize_service(TARGET...): UBSan for the libraries inside a service. It traps instead of
# calling a sanitizer runtime: libmagicrt works before, below and across whatever that would need.
function(sef_sanitize_service)
  if(SEF_SANITIZE_SERVICE)
    foreach(target ${ARGN})
      target_compile_options(${target} PRIVATE -fsanitize=undefined -fsanitize-trap=undefined)
    endforeach()
  endif()
endfunction()
