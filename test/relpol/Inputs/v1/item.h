/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What version 1 stores.
 */
#define VERSION 1

struct item {
    struct item *next;
    int value;
};
