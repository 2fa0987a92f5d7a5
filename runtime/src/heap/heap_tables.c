/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The large variables of the heap. They are in a file of their own, which is linked last, so that
 * all small ones share a few pages; of these a program touches only what it needs.
 */
#include "heap/heap_internal.h"
#include "heap/wrap.h"

struct magic__stripe magic__stripes[MAGIC__STRIPES];

/* One object, so that a scan leaves out one range. */
struct magic__tables magic__tables;

_Alignas(16) char magic__boot_arena[MAGIC__BOOT_ARENA];
