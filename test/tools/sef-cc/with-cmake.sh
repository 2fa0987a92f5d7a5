# SPDX-License-Identifier: BSD-2-Clause
# CMake detects the compiler, its features and libraries, and its programs are images.
mkdir project
cat >project/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.25)
project(probe LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckFunctionExists)
include(CheckIncludeFile)
include(CheckPIESupported)
include(CheckTypeSize)
check_pie_supported()
check_include_file(sys/epoll.h HAVE_EPOLL)
check_include_file(no/such/header.h HAVE_NO_HEADER)
check_function_exists(accept4 HAVE_ACCEPT4)
check_function_exists(no_such_function HAVE_NO_FUNCTION)
check_type_size(long LONG)
find_package(Threads REQUIRED)
foreach(wanted HAVE_EPOLL HAVE_ACCEPT4)
  if(NOT ${wanted})
    message(FATAL_ERROR "${wanted} is not there")
  endif()
endforeach()
if(HAVE_NO_HEADER OR HAVE_NO_FUNCTION OR NOT LONG EQUAL 8)
  message(FATAL_ERROR "a probe is wrong")
endif()
if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang" OR CMAKE_CROSSCOMPILING)
  message(FATAL_ERROR "compiler is ${CMAKE_C_COMPILER_ID}")
endif()
add_library(part STATIC part.c)
add_library(shared SHARED part.c)
add_executable(static-part part-main.c)
target_link_libraries(static-part part Threads::Threads)
add_executable(shared-part part-main.c)
target_link_libraries(shared-part shared)
install(TARGETS static-part shared-part shared)
C
cp "$inputs"/part*.c project
for type in Debug Release; do
    quiet "$CMAKE" -G Ninja -S project -B $type -DCMAKE_BUILD_TYPE=$type -DCMAKE_C_COMPILER="$CC"
    quiet "$CMAKE" --build $type
    for program in static-part shared-part; do
        is_service_image $type/$program
        expect 7 $type/$program
    done
    quiet "$CMAKE" --install $type --prefix "$PWD/installed"
    expect 7 installed/bin/static-part
done
