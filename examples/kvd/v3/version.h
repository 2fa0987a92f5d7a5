/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Version 3 of kvd: version 2 with an initialisation that goes wrong on demand (faults.c).
 */
#ifndef KVD_VERSION_H
#define KVD_VERSION_H

#include <sef/sef.h>

#define KVD_VERSION "3.0.0"

/** The callback that goes wrong as asked for. In mode "exit-early" it does not return. */
sef_cb_init_t faults_init_lu(void);

#define KVD_INIT_LU faults_init_lu()

#endif
