/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where messages are kept: a file, RUNTIME/messages, that the daemon maps and that the next daemon finds.
 *
 * The file is changed in place, and every change is one store after which it is true as it stands, so that a daemon
 * that is killed between any two instructions leaves a good one: an entry is there when it has its order, and what
 * follows from taking it is recorded before it is freed. It is of no use after the machine's end.
 */
#ifndef SEFD_IPC_STORE_H
#define SEFD_IPC_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sef/ipc_wire.h>

enum { IPC_ENTRIES_MAX = 16384, IPC_RECORDS_MAX = 512 };

struct daemon;
struct ipc_store;

enum ipc_doing {
    IPC_IDLE,
    IPC_SENDING,   /**< waits until `peer` has taken its message */
    IPC_RECEIVING, /**< waits for a message of `peer`, or ANY */
};

/** A message, or a notification. */
struct ipc_entry {
    struct ipc_entry *next; /**< of this daemon alone */
    uint64_t order;         /**< by which queues are put together again; 0: the entry is free */
    int32_t to, source, call, type;
    uint64_t seq;    /**< of the sender's request */
    uint64_t flight; /**< of the receiver's request that it was delivered for; 0: it waits */
    uint64_t waits;  /**< its sender does, in request `seq` */
    unsigned char payload[sizeof((struct sef_ipc_packet *) 0)->message.payload];
};

/** What a service is doing. */
struct ipc_record {
    int32_t endpoint; /**< 0: the record is free */
    int32_t
        last_caller; /**< sent the last message that was taken and wants a reply; NONE: nobody */
    uint64_t seq;    /**< of the last request */
    uint64_t done;   /**< of the last send that was carried out */
    enum ipc_doing doing;
    int32_t peer;
    uint32_t calling; /**< receives the reply of an ipc_sendrec() */
};

/** Open the store, or make it. Without a file messages are kept in memory alone, which is logged. Returns 0 or
 * -ENOMEM. */
__attribute__((warn_unused_result)) int ipc_store_open(struct daemon *daemon);

/** Close the store, which is removed unless services stay that may come back. */
void ipc_store_close(struct daemon *daemon, bool keep);

/** Forget what belongs to no service. */
void ipc_store_sweep(struct daemon *daemon);

/** A free entry, zero, or NULL. It is not in the store before ipc_store_keep(). */
struct ipc_entry *ipc_store_entry(struct ipc_store *store);
void ipc_store_keep(struct ipc_store *store, struct ipc_entry *entry);
/** NULL is allowed. */
void ipc_store_free(struct ipc_store *store, struct ipc_entry *entry);

/** The record of an endpoint; a new one if there is none. NULL when there are too many. */
struct ipc_record *ipc_store_record(struct ipc_store *store, int endpoint);

/** The entry to `endpoint` that comes after `order`, or NULL. */
struct ipc_entry *ipc_store_next(struct ipc_store *store, int endpoint, uint64_t order);

#endif
