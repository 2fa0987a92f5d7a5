/* SPDX-License-Identifier: BSD-2-Clause
 *
 * talk, version 1.
 */
#define VERSION     1
#define INIT_RESULT OK
#define VERSION_DATA
