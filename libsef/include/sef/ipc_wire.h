/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How messages between services travel: packets on the control socket (wire.h) that have a magic number and a
 * fixed, small size of their own.
 *
 * The supervisor is the switch and keeps all queues. A service has at most one request under way; the next one
 * takes the place of the one before. Requests have ascending numbers, and answers repeat them.
 *
 *   service -> RS          RS -> service
 *   SEF_IPC_SEND           SEF_IPC_SENT      result: for ipc_send() when the message was taken
 *   (call IPC_SENDREC)     SEF_IPC_DELIVER   the reply; SEF_IPC_SENT only with an error
 *   SEF_IPC_RECEIVE        SEF_IPC_DELIVER   a message, or result; with SEF_IPC_NONBLOCK perhaps SEF_IPC_EMPTY
 *   SEF_IPC_TAKEN          (none)            the message delivered for request `seq` is the service's
 *   SEF_IPC_CANCEL         (none)            request `seq` is not wanted any more
 *   SEF_IPC_LOOKUP         SEF_IPC_LOOKUP    endpoint of a label
 *   SEF_IPC_WATCH          SEF_IPC_PENDING   once, also after an SEF_IPC_EMPTY for ANY and after a start: as soon as
 *                                            something is there
 *
 * A message stays in the supervisor until SEF_IPC_TAKEN, which a service sends before it looks at the message.
 * One that was delivered and not taken when the service cancels, sends another request, or is replaced is
 * queued again, in front: whatever instance comes next gets it, and none gets it twice.
 *
 * A service that meets another supervisor (RS_RESUME) says again the last SEF_IPC_TAKEN, and its request under its
 * old number: the last supervisor may have died over either of them, and the next one knows how far it came.
 */
#ifndef SEF_IPC_WIRE_H
#define SEF_IPC_WIRE_H

#include <stdint.h>

#define SEF_IPC_MAGIC     0x4d464553u /* "SEFM" */
#define SEF_IPC_LABEL_MAX 72          /**< including the terminating zero */
#define SEF_IPC_NONBLOCK  0x1u        /**< SEF_IPC_RECEIVE: do not wait */

enum sef_ipc_type {
    SEF_IPC_SEND = 0x710,
    SEF_IPC_SENT,
    SEF_IPC_RECEIVE,
    SEF_IPC_DELIVER,
    SEF_IPC_EMPTY,
    SEF_IPC_TAKEN,
    SEF_IPC_CANCEL,
    SEF_IPC_LOOKUP,
    SEF_IPC_WATCH,
    SEF_IPC_PENDING,
};

struct sef_ipc_packet {
    uint32_t magic;   /**< SEF_IPC_MAGIC */
    uint16_t version; /**< SEF_WIRE_VERSION */
    uint16_t type;    /**< enum sef_ipc_type */
    uint64_t seq;     /**< number of the service's request */
    int32_t result;   /**< answers: OK or an errno value */
    int32_t
        endpoint; /**< destination, source (perhaps ANY), or the answer of a look-up; SEF_IPC_EMPTY: the source */
    uint32_t flags; /**< SEF_IPC_NONBLOCK */
    int32_t call;   /**< SEF_IPC_SEND, SEF_IPC_DELIVER: IPC_SEND, ... how the message is sent */
    union {
        struct {
            int32_t source; /**< SEF_IPC_DELIVER: sender, by the supervisor's knowledge */
            int32_t type;
            unsigned char payload[56];
        } message;
        char label[SEF_IPC_LABEL_MAX]; /**< SEF_IPC_LOOKUP */
    };
};

#endif
