/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service with some clients, whose updates are to be verified. Its argument is the state it is in, a
 * number; a new version appends what it found to the file that VERIFIED_STATE names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "state.h"

static struct client *clients;
static enum state state;
static const char *wanted;

static int init_fresh(int type, sef_init_info_t *info)
{
    (void) type, (void) info;
    for (int i = 0; i < 3; i++) {
        struct client *c = calloc(1, sizeof(*c));

        if (!c)
            return ENOMEM;
        memcpy(c->name, "client", 7);
        c->fd = 10 + i;
        c->next = clients;
        clients = c;
    }
    state = (enum state) atoi(wanted);
    return OK;
}

static int init_lu(int type, sef_init_info_t *info)
{
    const char *path = getenv("VERIFIED_STATE");
    int result = sef_cb_init_lu_generic(type, info);
    FILE *file = result == OK && path ? fopen(path, "w") : NULL;

    if (!file)
        return result;
    fprintf(file, "state %d", (int) state);
    for (const struct client *c = clients; c; c = c->next)
        fprintf(file, ", %s %d", c->name, c->fd);
    fprintf(file, "\n");
    return fclose(file) == 0 ? OK : EIO;
}

int main(int argc, char **argv)
{
    wanted = argc > 1 ? argv[1] : "0";
    sef_setcb_init_fresh(init_fresh);
    sef_setcb_init_lu(init_lu);
    if (prepare() != 0 || sef_startup() != OK)
        return 1;
    for (;;)
        sef_wait(NULL, 0, -1);
}
