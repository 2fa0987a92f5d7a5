# SPDX-License-Identifier: BSD-2-Clause
"""Random C programs that stress heap and pointers and print a checksum of all that they hold.

A program has structure types that own each other, allocators of several forms, operations that
build, resize, move, cut up and drop objects, and a loop that calls the operations in random order.
Everything is initialised before it is read and no address is printed, so that the checksum is the
same for every correct compiler. Each object also has pointers into itself and to its owner, which
the checksum follows and every move has to renew.
"""
import random

SCALARS = ["char", "signed char", "short", "unsigned short", "int", "unsigned", "long",
           "unsigned long", "unsigned char", "_Bool", "double", "float", "long long"]
PREAMBLE = """\
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = SEED;
static uint64_t sum;
static long live;
static jmp_buf escape;

static unsigned next(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}
static void mix(uint64_t value) { sum = (sum ^ value) * 1099511628211u + (sum >> 29); }
"""
ALLOCATORS = {
    "plain": "static void *alloc_plain(size_t n) { live++; return malloc(n); }",
    "zeroed": "static inline void *alloc_zeroed(size_t n) { live++; return calloc(1, n); }",
    "nested": "__attribute__((noinline)) static void *alloc_nested(size_t n)\n"
              "{\n    void *p = alloc_plain(n);\n\n    memset(p, 0x5a, n);\n    return p;\n}",
    "aligned": "static void *alloc_aligned(size_t n)\n{\n    void *p;\n\n    live++;\n"
               "    return posix_memalign(&p, 64, n) ? NULL : p;\n}",
    "grown": "static void *alloc_grown(size_t n)\n{\n    live++;\n"
             "    return realloc(realloc(NULL, 1), n);\n}",
    "tail": "__attribute__((noinline)) static void *alloc_tail(size_t n)\n{\n    live++;\n"
            "    __attribute__((musttail)) return malloc(n);\n}",
    "varied": "static void *alloc_varied(size_t n, ...)\n{\n    va_list args;\n    void *p;\n\n"
              "    va_start(args, n);\n    p = alloc_plain(n + (size_t)va_arg(args, int));\n"
              "    va_end(args);\n    return p;\n}",
    "escaping": "__attribute__((noinline)) static void *alloc_escaping(size_t n)\n{\n"
                "    void *volatile p = NULL;\n    int came = setjmp(escape);\n\n    if (came == 2)\n"
                "        return p;\n    p = alloc_plain(n);\n    longjmp(escape, 2);\n}",
}
POINTED = "static void *(*volatile alloc_pointed)(size_t) = alloc_plain;"


class Structure:
    """A structure type: scalars, arrays, bit-fields, owned children, pointers into itself."""

    def __init__(self, rng, number, earlier):
        self.name = f"s{number}"
        self.scalars = [(rng.choice(SCALARS), f"v{i}") for i in range(rng.randint(1, 5))]
        self.bits = [(rng.randint(1, 13), f"b{i}") for i in range(rng.randint(0, 3))]
        self.array = rng.randint(2, 9)
        self.owned = [(rng.choice(earlier).name, f"o{i}") for i in range(rng.randint(0, 2))
                      ] if earlier else []
        self.flexible = rng.random() < 0.4
        self.text = rng.random() < 0.5
        self.packed = rng.random() < 0.15
        # A pointer to an element must be aligned for its type.
        self.element = ("unsigned char" if self.packed
                        else rng.choice(["int", "short", "long", "unsigned char"]))

    def definition(self):
        lines = [f"    {kind} {name};" for kind, name in self.scalars]
        lines += [f"    unsigned {name} : {width};" for width, name in self.bits]
        lines += [f"    struct {kind} *{name};" for kind, name in self.owned]
        lines += [f"    struct {self.name} *self;", "    void *owner;", f"    {self.element} *inner;",
                  f"    {self.element} array[{self.array}];", "    size_t n;"]
        lines += ["    char *text;"] if self.text else []
        lines += ["    union { unsigned whole; unsigned char parts[4]; };"]
        lines += ["    unsigned tail[];"] if self.flexible else []
        packed = "__attribute__((packed)) " if self.packed else ""
        return f"struct {packed}{self.name} {{\n" + "\n".join(lines) + "\n};\n"

    def make(self, rng, allocators):
        """The function that builds one: where[0] may be one element of a larger array."""
        name = self.name
        size = "sizeof(*p)" + (" + n * sizeof(p->tail[0])" if self.flexible else "")
        allocator = rng.choice(allocators)
        extra = f", {rng.randint(0, 40)}" if allocator == "varied" else ""
        lines = [f"    struct {name} *p;", "    size_t n = next(6);", "",
                 f"    p = alloc_{allocator}({size}{extra});", "    p->self = p;",
                 "    p->owner = owner;", "    p->n = n;", "    p->whole = next(1u << 30);",
                 f"    for (int i = 0; i < {self.array}; i++)",
                 f"        p->array[i] = ({self.element})next(1000);",
                 f"    p->inner = &p->array[next({self.array})];"]
        lines += [f"    p->{v} = ({kind})next(100);" for kind, v in self.scalars]
        lines += [f"    p->{v} = next({1 << width});" for width, v in self.bits]
        lines += [f"    p->{v} = next(3) ? make_{kind}(p) : NULL;" for kind, v in self.owned]
        if self.text:
            lines += ["    p->text = NULL;", "    if (next(2)) {", "        char word[32];",
                      '        sprintf(word, "text %u", next(100000));',
                      "        p->text = strdup(word);", "        live++;", "    }"]
        if self.flexible:
            lines += ["    for (size_t i = 0; i < n; i++)", "        p->tail[i] = next(1u << 31);"]
        lines += ["    return p;"]
        return (f"static struct {name} *make_{name}(void *owner)\n{{\n" + "\n".join(lines) + "\n}\n")

    def visit(self):
        """The function that adds one and what it owns to the checksum."""
        lines = ["    if (!p) {", "        mix(1);", "        return;", "    }",
                 "    mix(p->self == p);", "    mix(p->owner == owner);",
                 "    mix((uint64_t)(p->inner - p->self->array));", "    mix((uint64_t)*p->inner);",
                 "    mix(p->n);", "    mix(p->parts[1]);",
                 f"    for (int i = 0; i < {self.array}; i++)",
                 "        mix((uint64_t)p->array[i]);"]
        lines += [f"    mix((uint64_t)p->{v});" for _, v in self.scalars + self.bits]
        lines += [f"    visit_{kind}(p->{v}, p);" for kind, v in self.owned]
        if self.text:
            lines += ["    for (char *c = p->text; c && *c; c++)", "        mix((uint64_t)*c);"]
        if self.flexible:
            lines += ["    for (size_t i = 0; i < p->n; i++)", "        mix(p->tail[i]);"]
        return (f"static void visit_{self.name}(struct {self.name} *p, void *owner)\n{{\n"
                + "\n".join(lines) + "\n}\n")

    def drop(self):
        lines = ["    if (!p)", "        return;"]
        lines += [f"    drop_{kind}(p->{v});" for kind, v in self.owned]
        if self.text:
            lines += ["    live -= p->text != NULL;", "    free(p->text);"]
        lines += ["    live--;", "    free(p->self);"]
        return f"static void drop_{self.name}(struct {self.name} *p)\n{{\n" + "\n".join(lines) + "\n}\n"

    def move(self, rng):
        """The function that gives an object a new address and renews what pointed to the old one."""
        name = self.name
        size = "sizeof(*p)" + (" + p->n * sizeof(p->tail[0])" if self.flexible else "")
        take = [f"    q = realloc(p, ({size}) + next(400));"] if rng.random() < 0.5 else [
            f"    size_t size = {size};", "    q = malloc(size);", "    memcpy(q, p, size);",
            "    free(p);"]
        lines = [f"    struct {name} *q;", "    ptrdiff_t inner = p->inner - p->array;", "", *take,
                 "    q->self = q;", "    q->inner = q->array + inner;"]
        lines += [f"    if (q->{v})\n        q->{v}->owner = q;" for _, v in self.owned]
        lines += ["    return q;"]
        return (f"static struct {name} *move_{name}(struct {name} *p)\n{{\n" + "\n".join(lines)
                + "\n}\n")

    def roots(self, rng):
        self.slots = rng.randint(2, 12)
        self.storage = rng.choice(["static ", "", "static _Thread_local "])
        return (f"{self.storage}struct {self.name} *roots_{self.name}[{self.slots}];\n"
                f"static struct {self.name} **table_{self.name};\n"
                f"static size_t n_{self.name};\n")


def operations(s, rng):
    """What a program does with the objects of one type."""
    n, name = s.slots, s.name
    bodies = {
        "renew": f"    unsigned i = next({n});\n\n    drop_{name}(roots_{name}[i]);\n"
                 f"    roots_{name}[i] = make_{name}(NULL);\n",
        "shift": f"    unsigned i = next({n});\n\n    if (roots_{name}[i])\n"
                 f"        roots_{name}[i] = move_{name}(roots_{name}[i]);\n",
        "swap": f"    struct {name} **a = &roots_{name}[next({n})], **b = &roots_{name}[next({n})];\n"
                f"    struct {name} *t = *a;\n\n    *a = *b;\n    *b = t;\n",
        "append": f"    if ((n_{name} & (n_{name} - 1)) == 0) {{\n"
                  f"        size_t wanted = n_{name} ? 2 * n_{name} : 1;\n"
                  f"        live += !table_{name};\n"
                  f"        table_{name} = realloc(table_{name}, wanted * sizeof(*table_{name}));\n"
                  f"    }}\n    table_{name}[n_{name}++] = make_{name}(NULL);\n",
        "cut": f"    if (n_{name})\n        drop_{name}(table_{name}[--n_{name}]);\n",
        "sort": f"    qsort(table_{name}, n_{name}, sizeof(*table_{name}), compare_{name});\n",
        "change": f"    struct {name} *p = roots_{name}[next({n})];\n\n    if (!p)\n        return;\n"
                  f"    *p->inner += ({s.element})next(9);\n    p->parts[next(4)] ^= 0x55;\n"
                  f"    p->inner = &p->self->array[next({s.array})];\n",
        "scratch": f"    size_t n = 1 + next(20);\n    struct {name} *copies[n], *p;\n\n"
                   f"    for (size_t i = 0; i < n; i++)\n        copies[i] = make_{name}(copies);\n"
                   f"    p = copies[next((unsigned)n)];\n    visit_{name}(p, copies);\n"
                   f"    for (size_t i = 0; i < n; i++)\n        drop_{name}(copies[i]);\n",
        "block": f"    struct {name} *block = calloc(1 + next(5), sizeof(*block));\n\n"
                 f"    block->inner = block->array + {s.array} - 1;\n    *block->inner = 3;\n"
                 f"    mix((uint64_t)block->array[{s.array - 1}]);\n    free(block);\n",
    }
    if s.flexible:
        del bodies["block"]
    chosen = rng.sample(sorted(bodies), rng.randint(4, len(bodies)))
    if "cut" in chosen or "sort" in chosen:
        chosen = sorted(set(chosen) | {"append"})
    text = (f"__attribute__((unused)) static int compare_{name}(const void *a, const void *b)\n{{\n"
            f"    const struct {name} *x = *(struct {name} *const *)a;\n"
            f"    const struct {name} *y = *(struct {name} *const *)b;\n\n"
            f"    return (x->whole > y->whole) - (x->whole < y->whole);\n}}\n")
    for body in chosen:
        text += f"static void {body}_{name}(void)\n{{\n{bodies[body]}}}\n"
    return text, [f"{body}_{name}" for body in chosen]


def finish(structures):
    """main: run the operations, add everything to the checksum, free everything."""
    lines = ["    for (int i = 0; i < ROUNDS; i++)",
             "        steps[next(sizeof(steps) / sizeof(*steps))]();"]
    for s in structures:
        for array, count in ((f"roots_{s.name}", s.slots), (f"table_{s.name}", f"n_{s.name}")):
            lines += [f"    for (size_t i = 0; i < {count}; i++) {{",
                      f"        visit_{s.name}({array}[i], NULL);",
                      f"        drop_{s.name}({array}[i]);", "    }"]
        lines += [f"    live -= table_{s.name} != NULL;", f"    free(table_{s.name});"]
    lines += ['    printf("%ld left, checksum %016llx\\n", live, (unsigned long long)sum);',
              "    return live != 0;"]
    return "int main(void)\n{\n" + "\n".join(lines) + "\n}\n"


def program(seed):
    """The text of program number seed."""
    rng = random.Random(seed)
    names = rng.sample(sorted(ALLOCATORS), rng.randint(2, len(ALLOCATORS)))
    allocators = sorted(set(names) | {"plain"}, key=lambda a: (a != "plain", a))
    parts = [PREAMBLE.replace("SEED", str(rng.randrange(1 << 62)) + "u")]
    parts += [ALLOCATORS[a] for a in allocators] + [POINTED]
    structures = []
    for number in range(rng.randint(1, 5)):
        structures.append(Structure(rng, number, structures))
    steps = []
    for s in structures:
        parts += [s.definition(), s.make(rng, allocators + ["pointed"]), s.visit(), s.drop(),
                  s.move(rng), s.roots(rng)]
        text, operation_names = operations(s, rng)
        parts.append(text)
        steps += operation_names
    parts.append("static void (*const steps[])(void) = { " + ", ".join(steps) + " };")
    parts.append(finish(structures).replace("ROUNDS", str(rng.randint(50, 2000))))
    return "\n".join(parts)


if __name__ == "__main__":
    import sys
    print(program(int(sys.argv[1])))
