/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The operating system contract.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/os.h"

struct find {
    uintptr_t addr;
    struct magic__map found;
    char path[512];
    uintptr_t last;
    unsigned n;
};

static int find_cb(void *ctx, const struct magic__map *map)
{
    struct find *find = ctx;

    assert_true(map->lo < map->hi && map->lo >= find->last);
    find->last = map->hi;
    find->n++;
    if (find->addr >= map->lo && find->addr < map->hi) {
        find->found = *map;
        snprintf(find->path, sizeof(find->path), "%s", map->path);
    }
    return 0;
}

static struct find find_map(const void *addr)
{
    struct find find = { .addr = (uintptr_t) addr };

    assert_int_equal(magic__os_maps(find_cb, &find), 0);
    return find;
}

static int stop_cb(void *ctx, const struct magic__map *map)
{
    (void) map;
    return ++*(int *) ctx == 3 ? 77 : 0;
}

static void maps_tell_what_lies_where(void **state)
{
    size_t page = magic__os_page_size();
    char *shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int calls = 0;
    struct find f = find_map(__builtin_frame_address(0)); /* ASan may move locals elsewhere */

    (void) state;
    assert_string_equal(f.path, "[stack]");
    assert_int_equal(f.found.prot, PROT_READ | PROT_WRITE);
    assert_int_equal(f.found.inode, 0);
    assert_int_equal(f.found.shared, 0);
    f = find_map((const void *) (uintptr_t) maps_tell_what_lies_where);
    assert_non_null(strstr(f.path, "os_test"));
    assert_true(f.found.prot & PROT_EXEC);
    assert_true(f.found.inode != 0);
    f = find_map(shared);
    assert_true(f.found.shared);
    assert_int_equal(magic__os_maps(stop_cb, &calls), 77);
    assert_int_equal(calls, 3);
    munmap(shared, page);
}

static void maps_longer_than_the_buffer_are_complete(void **state)
{
    enum { N = 1000 };
    size_t page = magic__os_page_size();
    char *area = mmap(NULL, N * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned before = find_map(area).n, i;

    (void) state;
    for (i = 1; i < N; i += 2)
        assert_int_equal(magic__os_protect((uintptr_t) area + i * page,
                             (uintptr_t) area + (i + 1) * page, PROT_NONE),
            0);
    assert_true(find_map(area).n >= before + N - 2);
    munmap(area, N * page);
}

static void a_discarded_page_is_reserved_and_unreadable(void **state)
{
    size_t page = magic__os_page_size();
    char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char copy[16];

    (void) state;
    p[page - 1] = 5;
    assert_int_equal(magic__os_discard((uintptr_t) p + page, (uintptr_t) p + 2 * page), 0);
    assert_int_equal(find_map(p + page).found.prot, PROT_NONE);
    errno = 99;
    assert_int_equal(magic__os_read(copy, (uintptr_t) p + page - 1, 1), 0);
    assert_int_equal(copy[0], 5);
    assert_int_equal(magic__os_read(copy, (uintptr_t) p + page - 1, 2), EFAULT);
    assert_int_equal(magic__os_read(copy, 8, 1), EFAULT);
    assert_int_equal(magic__os_read(copy, UINTPTR_MAX - 3, 16), EFAULT);
    assert_int_equal(magic__os_protect(1 << 12, 2 << 12, PROT_READ), ENOMEM);
    assert_int_equal(errno, 99);
    munmap(p, 2 * page);
}

static void pages_round_both_ways(void **state)
{
    size_t page = magic__os_page_size();

    (void) state;
    assert_int_equal(magic__os_page_down(page + 1), page);
    assert_int_equal(magic__os_page_down(page), page);
    assert_int_equal(magic__os_page_up(page + 1), 2 * page);
    assert_int_equal(magic__os_page_up(page), page);
    assert_int_equal(magic__os_page_up(0), 0);
}

static void only_regular_files_are_mapped(void **state)
{
    char dir[] = "/tmp/os_test.XXXXXX", path[64];
    struct magic__file file;
    struct stat st;
    int fd;

    (void) state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(magic__os_file_map(dir, &file), EISDIR);
    snprintf(path, sizeof(path), "%s/fifo", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(magic__os_file_map(path, &file), EINVAL);
    unlink(path);
    assert_int_equal(magic__os_file_map(path, &file), ENOENT);
    fd = open(path, O_CREAT | O_RDWR, 0600);
    assert_int_equal(magic__os_file_map(path, &file), 0);
    assert_null(file.bytes);
    magic__os_file_unmap(&file);
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_int_equal(magic__os_file_map(path, &file), 0);
    assert_int_equal(file.size, 3);
    assert_memory_equal(file.bytes, "abc", 3);
    fstat(fd, &st);
    assert_true(st.st_ino == file.ino && st.st_dev == file.dev);
    magic__os_file_unmap(&file);
    close(fd);
    unlink(path);
    rmdir(dir);
}

static void *wait_for_it(void *mutex)
{
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    return NULL;
}

static void threads_are_counted(void **state)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[3];
    unsigned before = magic__os_threads();
    int i;

    (void) state;
    assert_true(before >= 1);
    pthread_mutex_lock(&mutex);
    for (i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_it, &mutex), 0);
    assert_int_equal(magic__os_threads(), before + 3);
    pthread_mutex_unlock(&mutex);
    for (i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static void the_program_is_known_by_path_and_inode(void **state)
{
    char path[4096], at[4096], tiny[4];
    uint64_t dev, ino;
    struct stat st;

    (void) state;
    magic__os_program_path((uintptr_t) threads_are_counted, path, sizeof(path));
    magic__os_path_at((uintptr_t) threads_are_counted, at, sizeof(at));
    assert_string_equal(path, at);
    magic__os_path_at((uintptr_t) &st, at, sizeof(at));
    assert_string_equal(at, "");
    magic__os_path_at((uintptr_t) threads_are_counted, tiny, sizeof(tiny));
    assert_int_equal(strlen(tiny), 3);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(magic__os_exe_id(&dev, &ino), 0);
    assert_true(st.st_dev == dev && st.st_ino == ino);
}

static void the_clock_does_not_go_back(void **state)
{
    uint64_t before = magic__os_now();

    (void) state;
    assert_true(before > 0 && magic__os_now() >= before);
}

static void *wait_while_cancelled(void *word)
{
    int saved;

    pthread_cancel(pthread_self());
    errno = 7;
    magic__os_wait_while(word, 1, 1000);
    magic__os_wait_while(word, 2, 999999999);
    saved = errno;
    *(uint32_t *) word = saved == 7 ? 3 : 4;
    pthread_testcancel();
    return NULL;
}

static void waiting_ends_by_itself_and_is_no_point_of_cancellation(void **state)
{
    uint32_t word = 1;
    pthread_t thread;
    void *result;

    (void) state;
    assert_int_equal(pthread_create(&thread, NULL, wait_while_cancelled, &word), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED);
    assert_int_equal(word, 3);
}

static uintptr_t interrupted_at;

static void look_at_context(int sig, siginfo_t *info, void *context)
{
    (void) sig, (void) info;
    interrupted_at = magic__os_context_pc(context);
    magic__os_context_set_pc(context, interrupted_at + 2); /* over the two bytes of ud2 */
}

static void an_interrupted_context_can_be_moved(void **state)
{
    struct sigaction act = { .sa_sigaction = look_at_context, .sa_flags = SA_SIGINFO }, old;
    uintptr_t here;

    (void) state;
    sigaction(SIGILL, &act, &old);
    __asm__ volatile("leaq 1f(%%rip), %0\n1:\tud2" : "=r"(here));
    sigaction(SIGILL, &old, NULL);
    assert_int_equal(interrupted_at, here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_tell_what_lies_where),
        cmocka_unit_test(maps_longer_than_the_buffer_are_complete),
        cmocka_unit_test(a_discarded_page_is_reserved_and_unreadable),
        cmocka_unit_test(pages_round_both_ways),
        cmocka_unit_test(only_regular_files_are_mapped),
        cmocka_unit_test(threads_are_counted),
        cmocka_unit_test(the_program_is_known_by_path_and_inode),
        cmocka_unit_test(the_clock_does_not_go_back),
        cmocka_unit_test(waiting_ends_by_itself_and_is_no_point_of_cancellation),
        cmocka_unit_test(an_interrupted_context_can_be_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
