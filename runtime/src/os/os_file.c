/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Files in memory: an image is checked from its file before the dynamic linker may touch it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"

static int map_open_file(int fd, struct magic__file *ret)
{
    struct stat st;
    struct magic__file file = { 0 };

    if (fstat(fd, &st))
        return errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    file.size = (size_t) st.st_size;
    file.dev = st.st_dev;
    file.ino = st.st_ino;
    if (file.size) {
        void *p = mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, fd, 0);

        if (p == MAP_FAILED)
            return errno;
        file.bytes = p;
    }
    *ret = file;
    return 0;
}

int magic__os_file_map(const char *path, struct magic__file *ret)
{
    /* Not blocking: the path may name a FIFO, which must be refused, not waited for. */
    int saved = errno, code, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        code = errno;
    } else {
        code = map_open_file(fd, ret);
        close(fd);
    }
    errno = saved;
    return code;
}

void magic__os_file_unmap(struct magic__file *file)
{
    if (file->bytes)
        munmap((void *) (uintptr_t) file->bytes, file->size);
    file->bytes = NULL;
    file->size = 0;
}
