/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The daemon's end of a service's control socket: packets of sef/wire.h.
 *
 * Who sent a packet is taken from the kernel, not from the packet: a process id in a packet is
 * only what a service says.
 */
#ifndef SEFD_CHANNEL_H
#define SEFD_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <sef/ipc_wire.h>
#include <sef/wire.h>

/** Make a socket pair: `*ours` is non-blocking, both are close-on-exec. Returns 0 or negative
 * errno. */
__attribute__((warn_unused_result)) int channel_pair(int *ours, int *theirs);

/** A packet of a type, all else zero. */
void channel_packet(struct sef_packet *packet, int type);

/** Set a packet's text. Returns 0 or -ENAMETOOLONG. */
__attribute__((warn_unused_result)) int channel_set_text(
    struct sef_packet *packet, const char *text);

/** Send without waiting. Returns 0 or negative errno: -EAGAIN when the service does not read. */
__attribute__((warn_unused_result)) int channel_send(int fd, const struct sef_packet *packet);

/** The same for bytes of any meaning. */
__attribute__((warn_unused_result)) int channel_send_bytes(int fd, const void *bytes, size_t len);

/** Receive without waiting. Returns 0 and a checked packet, its text printable on one line; 1 when
 * `packet` begins with a struct sef_ipc_packet, with magic and version checked; -EAGAIN
 * nothing there, -ENODATA no service is left at the other end, -EBADMSG and -EPROTONOSUPPORT a
 * packet that was dropped (text too short or long, wrong magic; wrong version), or what recvmsg()
 * said. */
__attribute__((warn_unused_result)) int channel_receive(
    int fd, struct sef_packet *packet, pid_t *sender);

#endif
