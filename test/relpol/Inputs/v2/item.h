/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What version 2 stores: a larger value, and when it came.
 */
#define VERSION 2

struct item {
    long value;
    long when;
    struct item *next;
};
