// C++ is none of our business yet, but must build, be valid and run as before.
// RUN: %magic_cxx -O0 -S -emit-llvm %s -o - | %verify
// RUN: %magic_cxx -O2 -S -emit-llvm %s -o - | %verify
// RUN: %magic_cxx -O2 -c %s -o %t.o && clang -c %inputs/runtime-stub.c -o %t.stub.o && clang++ %t.o %t.stub.o -o %t && %t
#include <cstdlib>
#include <stdexcept>
#include <string>
struct Base { virtual ~Base() {} virtual int f() = 0; static int s; int Base::*member; };
struct Derived : virtual Base { int f() override { return 1; } };
int Base::s;
inline int inlined = 3;
template <class T> T templated = T(5);
namespace ns { std::string text = "x"; thread_local std::string local; }
enum class Small : unsigned char { A, B } small;
int &reference = Base::s;
decltype(nullptr) null;
auto lambda = [](int a) { return a + 1; };
struct Owner { int *p; Owner() { p = (int *)malloc(40); } ~Owner() { free(p); } };
static Owner &instance() { static Owner o; return o; }
int main() {
  try {
    Owner o;
    Base *b = new Derived;
    inlined += b->f();
    delete b;
    throw std::runtime_error(ns::text + std::to_string(templated<int>));
  } catch (std::exception &e) {
    instance();
    return inlined == 4 && lambda(1) == 2 ? 0 : 1;
  }
}
