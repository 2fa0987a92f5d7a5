/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Version 1 of kvd.
 */
#ifndef KVD_VERSION_H
#define KVD_VERSION_H

#define KVD_VERSION "1.0.0"

/** What continues with an older version's state: the transfer by types. */
#define KVD_INIT_LU SEF_CB_INIT_LU_DEFAULT

#endif
