/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What daemons do: close all descriptors they were started with, and open others that get the numbers.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "talk.h"

static const char mine[] = "mine";
static int pairs[2][2];

void close_all(void)
{
    for (int fd = 3; fd < 64; fd++)
        if (fd != talk.conn && fd != talk.listener)
            close(fd);
    for (int i = 0; i < 2; i++)
        if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pairs[i]) != 0 ||
            send(pairs[i][1], mine, sizeof(mine), 0) != sizeof(mine))
            exit(1);
}

void close_all_at(const char *when)
{
    const char *asked = getenv("TALK_CLOSES");

    if (asked && strcmp(asked, when) == 0)
        close_all();
}

/* Whether there is what we sent, once, and nothing that somebody else did. */
bool others_are_kept(void)
{
    char in[sizeof(mine)];

    for (int i = 0; i < 2; i++)
        if (recv(pairs[i][0], in, sizeof(in), MSG_DONTWAIT) != sizeof(in) ||
            memcmp(in, mine, sizeof(in)) != 0 || recv(pairs[i][0], in, 1, MSG_DONTWAIT) >= 0 ||
            recv(pairs[i][1], in, 1, MSG_DONTWAIT) >= 0)
            return false;
    return true;
}
