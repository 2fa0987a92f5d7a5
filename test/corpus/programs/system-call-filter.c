// SPDX-License-Identifier: BSD-2-Clause
// A program that allows itself no more system calls than malloc and stdio need goes on allocating.
#include "check.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOW(name)                                        \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

struct node {
    struct node *next;
    char data[100];
};

static void restrict_myself(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(write),
        ALLOW(read),
        ALLOW(brk),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(madvise),
        ALLOW(mprotect),
        ALLOW(futex),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        CHECK(errno == EINVAL || errno == EACCES); /* a kernel without filters */
}

int main(void)
{
    struct node *list = NULL, *next;
    int sum = 0;

    puts("start");
    fflush(stdout);
    restrict_myself();
    for (int i = 0; i < 100000; i++) {
        struct node *n = malloc(sizeof(*n));
        memset(n->data, i, sizeof(n->data));
        n->next = list;
        list = n;
    }
    for (int i = 0; list; list = next, i++) {
        next = list->next;
        sum += list->data[i % 100] & 1;
        free(list);
    }
    char *large = realloc(calloc(1, 50 << 20), 100 << 20);
    CHECK(!large[(50 << 20) - 1]);
    free(large);
    printf("ok %d\n", sum);
}
