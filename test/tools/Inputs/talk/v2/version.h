/* SPDX-License-Identifier: BSD-2-Clause
 *
 * talk, version 2: its state has another layout.
 */
#define VERSION      2
#define INIT_RESULT  OK
#define VERSION_DATA long added[5];
