#ifndef TYPES_OWN_H
#define TYPES_OWN_H
struct elsewhere { int i; };
#endif
