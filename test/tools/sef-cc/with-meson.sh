# SPDX-License-Identifier: BSD-2-Clause
# Meson detects compiler and linker, and its programs are images.
mkdir project
cat >project/meson.build <<'C'
project('probe', 'c', default_options: ['b_pie=true', 'warning_level=2', 'werror=true'])
cc = meson.get_compiler('c')
assert(cc.get_id() == 'clang')
assert(cc.has_header('sys/epoll.h') and not cc.has_header('no/such/header.h'))
assert(cc.has_function('accept4') and not cc.has_function('no_such_function'))
assert(cc.sizeof('long') == 8)
assert(cc.run('int main(void) { return 3; }').returncode() == 3)
assert(cc.find_library('m').found())
assert(not cc.has_argument('-fno-such-option'))
part = static_library('part', 'part.c')
executable('probe', 'part-main.c', link_with: part, dependencies: dependency('threads'))
C
cp "$inputs"/part*.c project
expect 0 meson setup build project
expect 0 meson compile -C build
is_service_image build/probe
expect 7 build/probe
