/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where messages are kept.
 *
 * What is found in the file is the work of an earlier daemon of the same user, in a directory that is private to
 * that user; yet nothing in it is followed but by a checked number.
 */
#include "ipc_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sef/sef.h>
#include <sef/wire.h>

#include "daemon.h"
#include "ipc_queue.h"
#include "log.h"

#define STORE_MAGIC 0x514d4553u /* "SEMQ" */

struct store_file {
    uint32_t magic, version;
    uint64_t size;
    uint64_t order; /**< the last one given */
    struct ipc_record records[IPC_RECORDS_MAX];
    struct ipc_entry entries[IPC_ENTRIES_MAX];
};

struct ipc_store {
    struct store_file *file;
    char path[PATH_MAX]; /**< "": none */
    unsigned n_free;
    unsigned free[IPC_ENTRIES_MAX];
};

static bool is_good(const struct store_file *file)
{
    return file->magic == STORE_MAGIC && file->version == SEF_WIRE_VERSION &&
           file->size == sizeof *file;
}

/* Map the file. What is not a store of ours begins anew. */
static int map_file(struct ipc_store *store)
{
    int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat st;
    if (fd < 0)
        return -errno;
    int r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
    if (r == 0 && st.st_size != sizeof *store->file)
        r = ftruncate(fd, 0) < 0 ? -errno : -posix_fallocate(fd, 0, sizeof *store->file);
    void *at = MAP_FAILED;
    if (r == 0)
        at = mmap(NULL, sizeof *store->file, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (r == 0 && at == MAP_FAILED)
        r = -errno;
    close(fd);
    if (r == 0)
        store->file = at;
    return r;
}

static int map_memory(struct ipc_store *store)
{
    void *at =
        mmap(NULL, sizeof *store->file, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return -errno;
    store->file = at;
    store->path[0] = '\0';
    return 0;
}

static void list_free(struct ipc_store *store)
{
    struct store_file *file = store->file;
    if (!is_good(file)) {
        memset(file, 0, sizeof *file);
        file->version = SEF_WIRE_VERSION;
        file->size = sizeof *file;
        file->magic = STORE_MAGIC;
    }
    store->n_free = 0;
    for (unsigned i = IPC_ENTRIES_MAX; i-- > 0;) {
        file->entries[i].next = NULL;
        if (file->entries[i].order == 0)
            store->free[store->n_free++] = i;
        else if (file->entries[i].order > file->order)
            file->order = file->entries[i].order;
    }
}

int ipc_store_open(struct daemon *daemon)
{
    struct ipc_store *store = calloc(1, sizeof *store);
    if (!store)
        return -ENOMEM;
    int n = snprintf(store->path, sizeof store->path, "%s/messages", daemon->runtime_dir);
    int r = n < (int) sizeof store->path ? map_file(store) : -ENAMETOOLONG;
    if (r < 0) {
        log_error("messages that wait will be lost when this sefd is killed: %s: %s", store->path,
            strerror(-r));
        r = map_memory(store);
    }
    if (r < 0) {
        free(store);
        return r;
    }
    list_free(store);
    daemon->messages = store;
    return 0;
}

void ipc_store_close(struct daemon *daemon, bool keep)
{
    struct ipc_store *store = daemon->messages;
    if (!store)
        return;
    if (store->path[0] && !keep)
        unlink(store->path);
    munmap(store->file, sizeof *store->file);
    free(store);
    daemon->messages = NULL;
}

void ipc_store_sweep(struct daemon *daemon)
{
    struct ipc_store *store = daemon->messages;
    for (unsigned i = 0; i < IPC_ENTRIES_MAX; i++) {
        struct ipc_entry *entry = &store->file->entries[i];
        if (entry->order && !ipc_find(daemon, entry->to))
            ipc_store_free(store, entry);
    }
    for (unsigned i = 0; i < IPC_RECORDS_MAX; i++) {
        struct ipc_record *record = &store->file->records[i];
        if (record->endpoint && !ipc_find(daemon, record->endpoint))
            record->endpoint = 0;
    }
}

struct ipc_entry *ipc_store_entry(struct ipc_store *store)
{
    if (store->n_free == 0)
        return NULL;
    struct ipc_entry *entry = &store->file->entries[store->free[--store->n_free]];
    memset(entry, 0, sizeof *entry);
    return entry;
}

void ipc_store_keep(struct ipc_store *store, struct ipc_entry *entry)
{
    uint64_t order = ++store->file->order;
    atomic_signal_fence(memory_order_seq_cst);
    entry->order = order;
    atomic_signal_fence(memory_order_seq_cst);
}

void ipc_store_free(struct ipc_store *store, struct ipc_entry *entry)
{
    if (!entry)
        return;
    atomic_signal_fence(memory_order_seq_cst);
    entry->order = 0;
    store->free[store->n_free++] = (unsigned) (entry - store->file->entries);
}

struct ipc_record *ipc_store_record(struct ipc_store *store, int endpoint)
{
    struct ipc_record *unused = NULL;
    for (unsigned i = 0; i < IPC_RECORDS_MAX; i++) {
        struct ipc_record *record = &store->file->records[i];
        if (record->endpoint == endpoint)
            return record;
        if (record->endpoint == 0 && !unused)
            unused = record;
    }
    if (unused)
        *unused = (struct ipc_record) { .endpoint = endpoint, .last_caller = NONE };
    return unused;
}

struct ipc_entry *ipc_store_next(struct ipc_store *store, int endpoint, uint64_t order)
{
    struct ipc_entry *next = NULL;
    for (unsigned i = 0; i < IPC_ENTRIES_MAX; i++) {
        struct ipc_entry *entry = &store->file->entries[i];
        if (entry->order > order && entry->to == endpoint && (!next || entry->order < next->order))
            next = entry;
    }
    return next;
}
