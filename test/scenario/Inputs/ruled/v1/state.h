/* SPDX-License-Identifier: BSD-2-Clause */
struct client {
    int sock;
    struct client *next;
};

#define FD       sock
#define REQUESTS hits

int hits;
int obsolete = 5;
static struct client *clients;
