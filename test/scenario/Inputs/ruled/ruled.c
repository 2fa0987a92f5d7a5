/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service whose versions differ in names, so that an update needs rules. A new version says what it
 * found in the file that RULED_STATE names.
 */
#include <stdio.h>
#include <stdlib.h>

#include <sef/sef.h>

#include "state.h"

static int init_fresh(int type, sef_init_info_t *info)
{
    (void) type, (void) info;
    clients = calloc(1, sizeof(*clients));
    if (!clients)
        return ENOMEM;
    clients->FD = 7;
    REQUESTS = 3;
    return OK;
}

static int init_lu(int type, sef_init_info_t *info)
{
    const char *path = getenv("RULED_STATE");
    int result = sef_cb_init_lu_generic(type, info);
    FILE *file = result == OK && path ? fopen(path, "w") : NULL;

    if (!file)
        return result;
    fprintf(file, "requests %d, descriptor %d\n", REQUESTS, clients->FD);
    return fclose(file) == 0 ? OK : EIO;
}

int main(void)
{
    sef_setcb_init_fresh(init_fresh);
    sef_setcb_init_lu(init_lu);
    if (sef_startup() != OK)
        return 1;
    for (;;)
        sef_wait(NULL, 0, -1);
}
