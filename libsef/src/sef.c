/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start-up of a service, and the small functions of the core group.
 *
 * Source: minix/lib/libsys/sef.c; differs: without a supervisor a service initialises itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "sef_internal.h"

/* Run the initialisation that the supervisor asks for. */
static int init_as_told(const struct sef_packet *packet)
{
    sef_init_info_t info = {
        .flags = packet->flags,
        .rproctab_gid = GRANT_INVALID,
        .endpoint = packet->endpoint,
        .old_endpoint = packet->init_type == SEF_INIT_RESTART ? packet->endpoint : NONE,
        .restarts = packet->restarts,
        .copy_flags = SEF_COPY_OLD_TO_NEW,
    };

    sef__self.endpoint = packet->endpoint;
    sef__self.restarts = packet->restarts;
    snprintf(sef__self.label, sizeof(sef__self.label), "%s", packet->text);
    return sef__process_init(packet->init_type, &info);
}

static int startup_supervised(void)
{
    struct sef_packet packet;
    int r;

    for (;;) {
        r = sef__control_next(&packet, UINT64_MAX);
        if (r == EBADMSG)
            sef__control_malformed(&packet);
        else if (r != OK)
            return r;
        else if (packet.type == RS_INIT)
            return init_as_told(&packet);
        else if (packet.type == RS_LU_PREPARE)
            sef__lu_request(&packet);
        else
            sef__request_refuse(&packet);
    }
}

static int startup_alone(void)
{
    sef_init_info_t info = {
        .rproctab_gid = GRANT_INVALID,
        .endpoint = NONE,
        .old_endpoint = NONE,
        .copy_flags = SEF_COPY_OLD_TO_NEW,
    };

    return sef__process_init(SEF_INIT_FRESH, &info);
}

/* Continue a crashed process, as the supervisor says or, if that is gone, without it. */
static int startup_replica(void)
{
    sef_init_info_t info = {
        .rproctab_gid = GRANT_INVALID,
        .endpoint = sef__self.endpoint,
        .old_endpoint = sef__self.endpoint,
        .copy_flags = SEF_COPY_OLD_TO_NEW,
    };
    int r;

    sef__crash_announce();
    r = startup_supervised();
    if (r == ENOTCONN && sef__self.control_fd < 0) {
        sef__crash_set_alone(true);
        info.restarts = ++sef__self.restarts;
        r = sef__process_init(SEF_INIT_RESTART, &info);
    }
    sef__crash_continue(r);
    return r;
}

int sef_startup(void)
{
    int r;

    if (sef__update_pending())
        return sef__update_startup();
    if (sef__self.started)
        return EALREADY;
    r = sef__control_open();
    if (r == OK && sef__crash_replica())
        r = startup_replica();
    else if (r == OK)
        r = sef__self.control_fd >= 0 ? startup_supervised() : startup_alone();
    sef__self.started = r == OK;
    if (r == OK)
        sef__crash_arm();
    else
        errno = r;
    return r;
}

endpoint_t sef_self(void)
{
    return sef__self.endpoint;
}

int sef_fd(void)
{
    return sef__self.started ? sef__resume_fd() : -1;
}

void sef_exit(int status)
{
    _exit(status);
}

int sef_getrndseed(void)
{
    unsigned seed = 0;

    while (getrandom(&seed, sizeof(seed), 0) < 0 && errno == EINTR)
        continue;
    return (int) (seed >> 1);
}

int sef_munmap(void *addrstart, vir_bytes len, int type)
{
    (void) type;
    return munmap(addrstart, len) == 0 ? OK : errno;
}
