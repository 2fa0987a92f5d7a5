/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Build ids: what tells two images of one name apart, in the report of an update.
 */
#ifndef SEFD_BUILD_ID_H
#define SEFD_BUILD_ID_H

enum { BUILD_ID_MAX = 2 * 64 + 1 };

/** Write the build id of an ELF file in hexadecimal, or "" if it has none of up to 64 bytes. The file
 * is untrusted. */
void build_id_read(int fd, char ret[static BUILD_ID_MAX]);

#endif
