# SPDX-License-Identifier: BSD-2-Clause
# SEF_CLANG: the clang that service images are compiled with. The pass plugin loads into exactly one
# LLVM release, so the wrapper names its clang by absolute path and never looks into PATH.
find_program(sef_clang_program NAMES clang-${SEF_LLVM_VERSION} REQUIRED)
mark_as_advanced(sef_clang_program)
file(REAL_PATH ${sef_clang_program} SEF_CLANG)
