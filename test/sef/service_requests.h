/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service's part for tests of requests and of crashes.
 */
#ifndef SERVICE_REQUESTS_H
#define SERVICE_REQUESTS_H

#include <stdbool.h>

/** Register what a mode says, before sef_startup(). */
void requests_register(const char *mode);
/** Carry out a command if it is one of these. */
bool requests_command(char c);

#endif
