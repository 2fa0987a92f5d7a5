/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The store of messages: what one daemon kept the next one finds, in order; what is not a store begins anew.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <sef/sef.h>

#include "daemon.h"
#include "ipc_store.h"
#include "service.h"

static struct daemon the_daemon;
static char path[PATH_MAX + 16];

static int set_up(void **state)
{
    (void) state;
    memset(&the_daemon, 0, sizeof the_daemon);
    strcpy(the_daemon.runtime_dir, "/tmp/sefd-store.XXXXXX");
    if (!mkdtemp(the_daemon.runtime_dir))
        return -1;
    snprintf(path, sizeof path, "%s/messages", the_daemon.runtime_dir);
    return ipc_store_open(&the_daemon);
}

static int tear_down(void **state)
{
    (void) state;
    ipc_store_close(&the_daemon, false);
    return rmdir(the_daemon.runtime_dir);
}

static void reopen(void)
{
    ipc_store_close(&the_daemon, true);
    assert_int_equal(ipc_store_open(&the_daemon), 0);
}

static struct ipc_entry *put(int to, int type)
{
    struct ipc_entry *entry = ipc_store_entry(the_daemon.messages);
    assert_non_null(entry);
    entry->to = to;
    entry->type = type;
    ipc_store_keep(the_daemon.messages, entry);
    return entry;
}

/* The types of all messages to an endpoint, in order, as digits. */
static void expect(int to, const char *types)
{
    char got[16] = "";
    size_t n = 0;
    const struct ipc_entry *entry;
    for (uint64_t order = 0;
        n < sizeof got - 1 && (entry = ipc_store_next(the_daemon.messages, to, order)) != NULL;
        order = entry->order)
        got[n++] = (char) ('0' + entry->type);
    assert_string_equal(got, types);
}

static void test_kept(void **state)
{
    (void) state;
    put(10, 1);
    put(11, 2);
    struct ipc_entry *freed = put(10, 3);
    put(10, 4);
    (void) ipc_store_entry(the_daemon.messages); /* never kept: the daemon was killed before */
    ipc_store_free(the_daemon.messages, freed);
    ipc_store_free(the_daemon.messages, NULL);
    expect(10, "14");
    reopen();
    expect(10, "14");
    expect(11, "2");
    put(10, 5); /* in the place of the freed one, and last all the same */
    expect(10, "145");
    reopen();
    expect(10, "145");
}

static void test_records(void **state)
{
    (void) state;
    struct ipc_record *record = ipc_store_record(the_daemon.messages, 10);
    assert_int_equal(record->last_caller, NONE);
    record->seq = 77;
    reopen();
    assert_int_equal(ipc_store_record(the_daemon.messages, 10)->seq, 77);
    for (int i = 1; i < IPC_RECORDS_MAX; i++)
        assert_non_null(ipc_store_record(the_daemon.messages, 10 + i));
    assert_null(ipc_store_record(the_daemon.messages, 10 + IPC_RECORDS_MAX));
}

static void test_full(void **state)
{
    (void) state;
    struct ipc_entry *last = NULL;
    for (int i = 0; i < IPC_ENTRIES_MAX; i++)
        last = put(10, 1);
    assert_null(ipc_store_entry(the_daemon.messages));
    reopen();
    assert_null(ipc_store_entry(the_daemon.messages));
    ipc_store_free(the_daemon.messages, last);
    assert_ptr_equal(ipc_store_entry(the_daemon.messages), last);
}

/* What belongs to a service that is no more goes; one that is there keeps its own. */
static void test_sweep(void **state)
{
    struct service service = { .label = "s", .endpoint = 10, .ipc.open = true };
    (void) state;
    put(10, 1);
    put(11, 2);
    ipc_store_record(the_daemon.messages, 10)->seq = 7;
    ipc_store_record(the_daemon.messages, 11)->seq = 8;
    the_daemon.services = &service;
    ipc_store_sweep(&the_daemon);
    expect(10, "1");
    expect(11, "");
    assert_int_equal(ipc_store_record(the_daemon.messages, 10)->seq, 7);
    assert_int_equal(ipc_store_record(the_daemon.messages, 11)->seq, 0);
}

static void change_file(off_t at, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, at), n);
    close(fd);
}

static void test_no_store(void **state)
{
    (void) state;
    put(10, 1);
    ipc_store_close(&the_daemon, true);
    change_file(0, "nonsense", 8);
    assert_int_equal(ipc_store_open(&the_daemon), 0);
    expect(10, "");
    put(10, 1);
    ipc_store_close(&the_daemon, true);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(ipc_store_open(&the_daemon), 0);
    expect(10, "");
    put(10, 2);
    reopen();
    expect(10, "2");
}

/* Another file in its place is not touched; messages are then kept while this daemon runs. */
static void test_no_file(void **state)
{
    char other[PATH_MAX + 16];
    struct stat st;
    (void) state;
    ipc_store_close(&the_daemon, false);
    snprintf(other, sizeof other, "%s/other", the_daemon.runtime_dir);
    close(open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(ipc_store_open(&the_daemon), 0);
    put(10, 1);
    expect(10, "1");
    ipc_store_close(&the_daemon, true);
    assert_int_equal(stat(other, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sweep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_store, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
