/* SPDX-License-Identifier: BSD-2-Clause
 * Members and a variable are renamed, a variable is gone, and a structure grew. */
struct client {
    long bytes[2];
    int fd;
    struct client *next;
};

#define FD       fd
#define REQUESTS n_requests

int n_requests;
static struct client *clients;
