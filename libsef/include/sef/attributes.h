/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Attributes: what a program says in its source about how its state goes over to a new version.
 *
 * They are written behind the name of a variable or member, before the semicolon of a typedef, behind
 * `struct` or the closing brace of a structure or union, and before a function's declaration:
 *
 *     struct SEF_RENAMED_FROM("client") conn {
 *         int fd SEF_RENAMED_FROM("sock");
 *         enum { INT, STR } tag;
 *         union {
 *             long i;
 *             char *s;
 *         } u SEF_UNION_BY("tag: INT=i, STR=s");
 *     };
 *     static struct cache cache SEF_NOXFER;
 *
 * They change no code. The same can be said without touching the source, in a rules file given to the
 * update (docs/rules.md). A compiler that does not know declaration tags ignores them.
 *
 * Source: name prefixes noxfer_, ixfer_, ... of magic_st.c, which work as well.
 */
#ifndef SEF_ATTRIBUTES_H
#define SEF_ATTRIBUTES_H

#if defined(__has_attribute)
#if __has_attribute(btf_decl_tag)
#define SEF_ATTRIBUTE(text) __attribute__((btf_decl_tag("sef:" text)))
#endif
#endif
#ifndef SEF_ATTRIBUTE
#define SEF_ATTRIBUTE(text)
#endif

/** The old version's name of a type, member, variable or function. On a type: the tag or typedef name
 * without `struct`. An enum cannot have it; a typedef of it, or a line of a rules file, can. */
#define SEF_RENAMED_FROM(name) SEF_ATTRIBUTE("renamed_from=" name)

/** Not transferred: the new version's initial value stays. On a variable, member or type. */
#define SEF_NOXFER SEF_ATTRIBUTE("noxfer")

/** Copied as bytes, whatever changed; pointers in it are forwarded like those in opaque memory. */
#define SEF_IXFER SEF_ATTRIBUTE("ixfer")

/** Converted by type, or copied as bytes where that is not possible. */
#define SEF_CIXFER SEF_ATTRIBUTE("cixfer")

/** An integer of a pointer's size that holds a pointer which must have a successor. */
#define SEF_PXFER SEF_ATTRIBUTE("pxfer")

/** A union whose members are all converted, as if it were a structure. */
#define SEF_SXFER SEF_ATTRIBUTE("sxfer")

/** Which member of a union holds the value: "TAG: VALUE=MEMBER, ...". TAG is a member of the structure
 * that contains the union; VALUE is a number or an enumerator; `*` stands for all other values. On a
 * member that is a union, or on the union type itself. */
#define SEF_UNION_BY(rule) SEF_ATTRIBUTE("union_by=" rule)

/** A pointer, or an integer that holds one, whose lowest bits are marks: `mask`, 1 to 15, tells which ones. */
#define SEF_TAGGED(mask) SEF_ATTRIBUTE("tagged=" #mask)

/** A policy that the program wants for updates to this version: "NAME=ACTION". Before a declaration of
 * main(), once for each policy. A rules file or `sefctl update --policy` goes before it. */
#define SEF_POLICY(policy) SEF_ATTRIBUTE("policy=" policy)

/* The three for functions come as annotations: no others reach the compiler's output for a function
 * that is only declared. Arguments are counted from 1, as in GCC's alloc_size; 0: none says it. */
#if defined(__clang__) && defined(__has_attribute)
#if __has_attribute(annotate)
#define SEF_FUNCTION(text) __attribute__((annotate("sef:" text)))
#endif
#endif
#ifndef SEF_FUNCTION
#define SEF_FUNCTION(text)
#endif

/** SEF_ALLOC(size[, count]), at the declaration of a function: it returns memory that it gets from
 * malloc and the like, as many bytes as its argument `size` says, times its argument `count`. */
#define SEF_ALLOC(...) SEF_FUNCTION("alloc=" #__VA_ARGS__)

/** SEF_POOL(size[, count]): the same for a function that cuts objects out of larger blocks. Without a
 * size (0), each call returns one object of the type that receives it. */
#define SEF_POOL(...) SEF_FUNCTION("pool=" #__VA_ARGS__)

/** SEF_FREE(pointer): the function gives the object that its argument `pointer` points to back to a
 * pool. */
#define SEF_FREE(pointer) SEF_FUNCTION("free=" #pointer)

#endif
