// A variable with another symbol name is known by its source name.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
int source_name __asm__("symbol_name") = 1;
_Thread_local int source_tls __asm__("symbol_tls");
int source_function(void) __asm__("symbol_function");
int source_function(void) { return source_name + source_tls; }
int main(void) { return source_function(); }
// CHECK-DAG: var source_name: int
// CHECK-DAG: var source_tls: int
// CHECK-DAG: func source_function: -
