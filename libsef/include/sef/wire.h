/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the supervisor and a service say to each other.
 *
 * One SOCK_SEQPACKET socket a service; the service finds its end's number, a colon and its inode's in the
 * environment variable SEF_CONTROL_FD. Each packet is one struct sef_packet, sent up to the end of its text:
 * offsetof(struct sef_packet, text) + text_len + 1 bytes, the text terminated by a zero byte.
 * Both sides check length, magic and version before anything else and treat texts as untrusted.
 *
 *   RS -> service          service -> RS
 *   RS_INIT                RS_INIT            (result)
 *   RS_LU_PREPARE          RS_LU_PREPARE      (result, text)          ready, or refused
 *   RS_LU_START            RS_LU_START        (result, pid, stats)    child initialised, or not
 *   RS_LU_COMMIT           RS_LU_COMMIT       sent by the new instance, which now owns the socket
 *   RS_LU_ROLLBACK         RS_LU_ROLLBACK     sent by the old instance, which goes on
 *   RS_RESUME (result)     RS_RESUME (label)  on a new socket: the supervisor was killed or replaced
 *   RS_PING                RS_PING            answered at a quiescent point
 *   RS_SIGNAL              (none)             state: signal, endpoint: whose
 *   RS_GCOV                RS_GCOV            (result)
 *   RS_FI                  RS_FI              (result, text); state: SEF_FI_*. A crash has no reply
 *                          RS_CRASHED         in three parts, see below
 *
 * RS_LU_PREPARE with state SEF_LU_STATE_NULL cancels the request of the same serial; it has no reply.
 * A reply repeats the serial: one that crossed a cancel is not taken for the next request's. With SEF_LU_REHEARSE the
 * service answers RS_LU_START from the throw-away fork and goes on; no commit follows. An old
 * instance that hears nothing for limit_ms after RS_LU_START, or loses the socket, rolls back.
 *
 * An update that fails after ready has one reply, RS_LU_ROLLBACK with result and text, sent when
 * the new instance is gone; RS_LU_START always means success, but for a rehearsal. limit_ms of
 * RS_LU_PREPARE, if not 0, limits the time from ready to RS_LU_START. A malformed packet is
 * answered with its own type and EBADMSG, and ends an update that is under way.
 *
 * A service whose socket is at its end connects to the SOCK_SEQPACKET socket that SEF_RESUME_SOCKET named
 * when it started, and says RS_RESUME. The supervisor knows it by its process; the answer has its endpoint, or
 * an error, and then the service goes on alone. State is SEF_CRASHED_REPLICA if the process is the replica of one
 * that crashed while there was no supervisor: it has gone on without RS_INIT, and ends if it is not wanted.
 * The same says a service that closed its socket itself before it was initialised, as programs do that close all
 * descriptors they are started with. If it had not got RS_INIT state is SEF_RESUME_UNTOLD and the label empty: it
 * gets that after the answer.
 *
 * A service that crashes sends RS_CRASHED with the signal as result, the code's address in
 * error.old_addr and the address it touched in error.new_addr. Unless that says SEF_CRASHED_LOST, a
 * replica of it takes the socket over (SEF_CRASHED_FORKED, SEF_CRASHED_REPLICA) and waits for
 * RS_INIT of SEF_INIT_RESTART; the supervisor that does not want it kills it.
 *
 * The text of RS_LU_START from RS is the path of the image and, each on a line of its own, options:
 * "rules=PATH", a file with rules and policies (docs/rules.md), "prealloc=BYTES", the length of the init
 * buffer, and "decision=PATH", a file whose first byte becomes SEF_WIRE_DECIDED when all services that are
 * updated as one are to commit: an old instance whose child is initialised does so then, also if the supervisor
 * is gone before it says RS_LU_COMMIT. SEF_LU_VERIFY in its flags asks for the transfer to be checked.
 *
 * The text of an RS_LU_START that means success has the messages of the transfer, one a line: what
 * it had to drop or leave. A line is the message, or the message and five fields, each after a tab:
 * entity, member, type, source file, line. Those that do not fit are left out; stats.warnings counts
 * all warnings. The other reports of an update's end (a rehearsal's RS_LU_START, RS_LU_ROLLBACK) have a
 * line that says what went wrong, then the messages of the transfer likewise if the initialisation failed,
 * and in `error` what is known of where a transfer failed. A message that begins with "difference: " tells
 * of a value that a transfer which was to be checked got wrong.
 */
#ifndef SEF_WIRE_H
#define SEF_WIRE_H

#include <stdint.h>

#define SEF_WIRE_MAGIC        0x57464553u /* "SEFW" */
#define SEF_WIRE_VERSION      4
#define SEF_WIRE_TEXT_MAX     16384 /**< including the terminating zero */
#define SEF_WIRE_POLICIES     16
#define SEF_WIRE_RULES_MAX    65536 /**< bytes of a file of rules */
#define SEF_WIRE_DECIDED      'c'
#define SEF_CONTROL_FD_ENV    "SEF_CONTROL_FD"
#define SEF_RESUME_SOCKET_ENV "SEF_RESUME_SOCKET"

enum sef_packet_type {
    RS_INIT = 0x700,
    RS_LU_PREPARE,
    RS_LU_START,
    RS_LU_COMMIT,
    RS_LU_ROLLBACK,
    RS_PING = 0x720,
    RS_SIGNAL,
    RS_GCOV,
    RS_FI,
    RS_CRASHED = 0x730,
    RS_RESUME = 0x740,
};

/** What a service tells of itself in the flags of its RS_INIT and RS_LU_COMMIT. */
#define SEF_WIRE_TAKES_SIGNALS 0x1 /**< it wants signals as RS_SIGNAL */
#define SEF_WIRE_RESTARTS      0x2 /**< it can be restarted without the state of the crashed process */
#define SEF_WIRE_CONTINUES     0x4 /**< when it crashes a replica goes on with its state */

/** Which of its RS_CRASHED a packet is, in its state. */
enum sef_crashed_state {
    SEF_CRASHED_LOST,    /**< no process continues: the text says why */
    SEF_CRASHED_FORKING, /**< a replica is about to be forked */
    SEF_CRASHED_FORKED,  /**< pid is the replica's, 0: it could not be forked */
    SEF_CRASHED_REPLICA, /**< sent by the replica, which waits for RS_INIT */
};

/** State of RS_RESUME, besides SEF_CRASHED_REPLICA and 0. */
#define SEF_RESUME_UNTOLD 0x10

/** Times in nanoseconds and counts of an update, filled in as far as it came. The times of the
 * first line do not overlap: ns_main is from entering main to sef_startup(), ns_init the init
 * callback without the transfer in it. Those of the second line are parts of ns_transfer. */
struct sef_update_stats {
    uint64_t ns_fork, ns_load, ns_main, ns_transfer, ns_init;
    uint64_t ns_pair, ns_move, ns_convert, ns_scan, ns_reinstall, ns_seal;
    uint64_t ns_pause; /**< ready to reply of the child, as the old instance saw it */
    uint64_t vars_paired, vars_added, vars_removed, types_changed;
    uint64_t objects, objects_moved, ptrs_precise, ptrs_conservative, bytes_scanned, warnings;
    uint64_t vars_converted, objects_in_place, bytes_moved;
    uint64_t ns_verify; /**< part of ns_transfer; 0 without SEF_LU_VERIFY, as are: */
    uint64_t values_checked, values_unchecked, differences;
};

/** Where a transfer failed: the parts of struct st_error. Strings are terminated, "" where they do
 * not apply; code is 0 if the transfer did not fail. */
struct sef_update_error {
    int32_t code; /**< MAGIC_* */
    uint32_t line;
    uint64_t old_addr, new_addr;
    char entity[128], member[128], type[96], file[128];
};

/** A policy that was in force, and about how much it decided. Unused ones have no name. */
struct sef_update_policy {
    char name[16], action[8];
    uint64_t count;
};

struct sef_packet {
    uint32_t magic;    /**< SEF_WIRE_MAGIC */
    uint16_t version;  /**< SEF_WIRE_VERSION */
    uint16_t text_len; /**< bytes of text without the zero */
    int32_t type;      /**< enum sef_packet_type */
    int32_t result;    /**< replies: OK or an errno value */
    int32_t init_type; /**< RS_INIT: SEF_INIT_* */
    int32_t flags;     /**< SEF_INIT_*, SEF_LU_* */
    int32_t endpoint;  /**< the service's */
    int32_t restarts;
    int32_t state;     /**< RS_LU_PREPARE: SEF_LU_STATE_*; others as above */
    int32_t pid;       /**< RS_LU_START reply, RS_LU_COMMIT: the new instance's */
    uint32_t limit_ms; /**< RS_LU_START: time limit of load and init; RS_LU_PREPARE:
                                     * of waiting for the start. 0: ten seconds */
    uint32_t serial; /**< RS_LU_PREPARE, its reply and that to RS_LU_START: number of the request */
    struct sef_update_stats stats;
    struct sef_update_error error;
    struct sef_update_policy policies[SEF_WIRE_POLICIES];
    char text[SEF_WIRE_TEXT_MAX]; /**< RS_INIT: label; RS_LU_PREPARE: expression;
                                     * RS_LU_START: image path and options; replies: message,
                                     * one line but for reports of an update's end */
};

#endif
