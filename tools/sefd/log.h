/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The daemon's messages: one line each to stderr, with the priority prefix that the journal reads
 * when it is the journal that listens.
 */
#ifndef SEFD_LOG_H
#define SEFD_LOG_H

#include <stdbool.h>

/** Also write log_debug() messages. */
void log_set_verbose(bool verbose);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
