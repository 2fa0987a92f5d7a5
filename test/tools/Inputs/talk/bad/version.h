/* SPDX-License-Identifier: BSD-2-Clause
 *
 * talk, a version that cannot be updated to: its initialisation fails.
 */
#define VERSION     3
#define INIT_RESULT EPROTO
#define VERSION_DATA
