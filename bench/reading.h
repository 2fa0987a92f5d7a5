/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How long reading memory takes: what a transfer that only reads could at best come down to.
 */
#ifndef BENCH_READING_H
#define BENCH_READING_H

#include <stddef.h>

#define READING_CORES_MAX 64

/** Milliseconds; cpu_ms is the sum over all cores. */
struct reading {
    double ms, cpu_ms;
};

/** Read `bytes` of memory once on `cores` cores: as a process that used it before, and as the child
 * of a fork, for which the processor has to walk and mark each page's table entry anew. Returns 0
 * or -1 with errno; the results are the fastest of some times. */
int reading_measure(
    size_t bytes, unsigned cores, struct reading *ret_plain, struct reading *ret_forked);

#endif
