/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Keys of variables and functions: what makes an entity of one version that of the next.
 */
#ifndef MAGIC_ENTITIES_H
#define MAGIC_ENTITIES_H

#include "table/reader.h"

/* The key of an entity: `name` itself if it is not `local`, else "file:name" or
 * "file:scope::name", composed in the table's arena. Errors: MAGIC_EFORMAT (more than the image
 * can justify), MAGIC_ENOMEM. */
int magic__make_key(struct magic__reader *rd, const char *file, const char *scope, const char *name,
    int local, const char **ret);

#endif
