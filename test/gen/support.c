/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service around a generated program.
 *
 * It talks to the test over descriptor LINE, which an update leaves open like any other, so that none
 * of it depends on the state under test. A letter asks for something; lines answer, the last "done".
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sef/attributes.h>
#include <sef/sef.h>

#include "support.h"

enum { LINE = 100 };

static _Bool failed;

void gen_bad(const char *what)
{
    failed = 1;
    dprintf(LINE, "bad %s\n", what);
}

int gen_failed(void)
{
    return failed;
}

/* The compiler takes two names for two things. */
int gen_same(const volatile void *a, const volatile void *b)
{
    return a == b;
}

void gen_use(void *object)
{
    size_t size = malloc_usable_size(object);
    unsigned char *copy = malloc(size), *grown;

    memcpy(copy, object, size);
    grown = realloc(object, size * 2);
    if (!grown || memcmp(copy, grown, size) != 0)
        gen_bad("the bytes of an object that realloc moved");
    memset(grown, 0xa5, size * 2);
    free(copy);
    free(grown);
}

size_t gen_size(size_t n)
{
    return n;
}

char *gen_line(const char *text)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = fmemopen((void *) (uintptr_t) text, strlen(text), "r");

    if (!file || getline(&line, &size, file) < 0)
        gen_bad("getline");
    fclose(file);
    return line;
}

static int init_fresh(int type, sef_init_info_t *info)
{
    (void) type;
    (void) info;
    gen_build();
    return OK;
}

static int connect_to(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *) &addr, sizeof(addr)) != 0)
        return -1;
    return dup2(fd, LINE) < 0 || close(fd) != 0 ? -1 : 0;
}

/* Objects of a pool may grow; the pool takes none back. */
SEF_POLICY("pool=warn") int main(int argc, char **argv)
{
    struct pollfd line = { .fd = LINE, .events = POLLIN };
    char command;

    if (fcntl(LINE, F_GETFD) < 0 && (argc < 2 || connect_to(argv[1]) != 0))
        return 1;
    sef_setcb_init_fresh(init_fresh);
    if (sef_startup() != OK)
        return 1;
    dprintf(LINE, "ready %d\n", gen_version);
    for (;;) {
        if (sef_wait(&line, 1, -1) <= 0)
            continue;
        if (read(LINE, &command, 1) <= 0)
            return 0;
        failed = 0;
        if (command == 'c')
            gen_check();
        else
            gen_exercise();
        dprintf(LINE, "done\n");
    }
}
